import { findings } from './axe.ts';
import { cardOf, numbersShown, visit } from './browser.ts';
import { sampleHost } from './sample-host.ts';

const { url } = sampleHost();
const opened = async (hash = '') => {
  const visited = await visit(`${url()}/${hash}`);
  await numbersShown(visited.page);
  return visited;
};
const numberIn = (text: string): number => Number(text.replaceAll(',', ''));
const summary = /^([\d,]+) events?: ([\d,]+) from batch, ([\d,]+) live/;

test('given a click on a number, then its events are listed, page by page, and are as many as it says', async () => {
  const { page } = await opened();
  await cardOf(page, 'edits', 'edits').click();
  const dialog = page.getByRole('dialog');
  const said = summary.exec(await dialog.getByText(summary).innerText()) ?? [];
  const [total, batch, live] = said.slice(1).map(numberIn);
  expect(numberIn(await dialog.locator('.ex-n').innerText())).toBe(total);
  expect((batch ?? 0) + (live ?? 0)).toBe(total);
  expect(live).toBeGreaterThan(0);
  expect(await dialog.locator('.ev li').count()).toBe(50);
  expect(await dialog.locator('.ev .live').first().innerText()).toBe('live');
  await dialog.getByRole('button', { name: 'More' }).click();
  await dialog.locator('.ev li').nth(99).waitFor();
  expect(await findings(page)).toEqual([]);
  // The list has a URL.
  await page.reload();
  await dialog.getByText(summary).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  expect(page.url()).not.toContain('explain=');
});

test('a number of a list, of a top list and of a table opens its own events, and one of them where it is', async () => {
  const { page } = await opened();
  const dialog = page.getByRole('dialog');
  const english = page.getByRole('button', { name: /edits of #en.wikipedia: what is it made of/ });
  const count = numberIn(await english.innerText());
  await english.click();
  expect(numberIn((summary.exec(await dialog.getByText(summary).innerText()) ?? [])[1] ?? '')).toBe(count);
  await page.keyboard.press('Escape');

  const list = page.locator('.panel.list[aria-label="edits: first of pages"]');
  const first = list.locator('.amount').first();
  await first.click();
  await dialog.getByText(summary).waitFor();
  expect(await dialog.locator('.chip b').innerText()).toBe(await list.locator('.row').first().innerText());
  await page.keyboard.press('Escape');

  await page.locator('.hero').first().getByRole('button', { name: 'Show as a table' }).click();
  const cell = page.locator('.hero .tbl td .amount', { hasText: /^[1-9]/ }).first();
  const inWindow = numberIn(await cell.innerText());
  await cell.click();
  expect(numberIn((summary.exec(await dialog.getByText(summary).innerText()) ?? [])[1] ?? '')).toBe(inWindow);
  await dialog.locator('.ev-p a').first().click();
  await page.getByRole('heading', { name: 'Where is this event?' }).waitFor();
  await page.getByRole('heading', { name: 'counted' }).waitFor();
  await page.getByRole('rowheader', { name: 'edits' }).waitFor();
  expect(await findings(page)).toEqual([]);
});

test('a measure of different values lists them; one of them has events', async () => {
  const { page } = await opened('#/overview?filter=channel:is:%23de.wikipedia');
  await cardOf(page, 'edits', 'editors').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: 'Values' }).click();
  await dialog.getByText(/different values/).waitFor();
  const value = dialog.locator('.ev-v').first();
  const events = numberIn(await value.locator('b').innerText());
  await value.locator('button').click();
  expect(numberIn((summary.exec(await dialog.getByText(summary).innerText()) ?? [])[1] ?? '')).toBe(events);
});

test('what a number was read from may be gone: the list says so, and asks again', async () => {
  const { page, errors } = await opened();
  let isGone = true;
  await page.route('**/explain?**', (route) =>
    isGone
      ? route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ title: 'cut-gone', detail: 'Ask again.' }) })
      : route.continue(),
  );
  await cardOf(page, 'edits', 'edits').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('What this number was read from is gone.').waitFor();
  isGone = false;
  // Though nothing has come since, and the cut is the same.
  await dialog.locator('.problem').getByRole('button', { name: 'Ask again' }).click();
  await dialog.getByText(summary).waitFor();
  errors.length = 0;
});

test.each(['#/event/edit', '#/event/edit/', '#/event'])(
  'a link to an event that names no type or no id, %s, says that it is incomplete, and asks for nothing',
  async (hash) => {
    const { page } = await visit(`${url()}/#/overview`);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await page.goto(`${url()}/${hash}`);
    await page.getByRole('heading', { name: 'The link is incomplete' }).waitFor();
    expect(asked.filter((path) => path.startsWith('/events/'))).toEqual([]);
    expect(await findings(page)).toEqual([]);
  },
);
