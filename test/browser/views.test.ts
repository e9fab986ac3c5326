import { visit } from './browser.ts';
import { sampleHost } from './sample-host.ts';

const { url, host } = sampleHost();
const EVENT = {
  channel: '#en.wikipedia',
  namespace: 'Main',
  page: 'A',
  user: 'me',
  added: 1,
  deleted: 0,
  delta: 1,
  isAnonymous: false,
  isMinor: false,
  isNew: false,
};
const post = (event: object) => host().post('/events/edit', JSON.stringify(event), { 'content-type': 'application/json' });

describe('entities', () => {
  test('are found as somebody types, with marks, and each has a page', async () => {
    const { page } = await visit(`${url()}/#/entities`);
    const words = 'wikipedia admin';
    const asked: string[] = [];
    page.on('request', (request) => request.url().includes('q=') && asked.push(request.url()));
    await page.getByRole('searchbox').pressSequentially(words);
    await page.locator('mark').first().waitFor();
    expect(asked.length).toBeLessThan(words.length);
    expect(await page.locator('.hits tbody tr').count()).toBeGreaterThan(10);
    expect(await page.locator('.hits mark').first().innerText()).toMatch(/^wiki/i);
    expect(page.url()).toContain('q=wikipedia%20admin');
    await page.locator('.hits a').first().click();
    await page.locator('.props dt', { hasText: 'edits' }).waitFor();
    await page.goBack();
    await page.locator('mark').first().waitFor();
  });

  test('that do not exist say so', async () => {
    const { page, errors } = await visit(`${url()}/#/entities/page%2Fnothing%20of%20the%20kind`);
    await page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    await page.goto(`${url()}/#/entities?q=xyzzyxyzzy`);
    await page.getByText('No page has “xyzzyxyzzy”').waitFor();
    expect(errors.every((error) => error.includes('404'))).toBe(true);
    errors.length = 0;
  });
});

test('quarantine shows what is wrong and where, sends it again, and removes it', async () => {
  for (let i = 0; i < 3; i++) expect((await post({ ...EVENT, time: `2015-09-12 12:0${i}:00`, isRobot: false, isUnpatrolled: false })).status).toBe(422);
  const { page } = await visit(`${url()}/#/quarantine`);
  await page.getByRole('button', { name: /^time/ }).click();
  expect(await page.locator('.ln.bad').innerText()).toContain('2015-09-12 12:0');
  await page.getByText('1 of 3').waitFor();
  await page.getByRole('button', { name: 'Send these 3 again' }).click();
  await page.getByText('3 entries sent again: 0 events accepted').waitFor();
  await page.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await page.getByText('Nothing waits here.').waitFor();
});

test('operations go back to an earlier generation, leave events out, and count them again', async () => {
  await host().post('/recompute', '');
  const { page } = await visit(`${url()}/#/operations`);
  await page.getByRole('button', { name: 'Go back to it' }).first().click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Go back to g/ })
    .click();
  await page.getByText(/^Answers come from g\d+ now\.$/).waitFor();
  await page.getByRole('button', { name: 'Leave out events' }).click();
  await page.getByLabel('Their ids').fill('e1 e2');
  await page.getByLabel('Why').fill('a test');
  await page.getByRole('button', { name: 'Leave them out' }).click();
  await page.getByRole('rowheader', { name: 'a test' }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Count them again' }).click();
  await page.getByText('They count again with the next batch.').waitFor();
});
