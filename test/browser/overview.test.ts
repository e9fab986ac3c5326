import { readFileSync } from 'node:fs';
import { until } from '../support/until.ts';
import { cardOf, isTooWide, NARROW, numbersShown, visit } from './browser.ts';
import { sampleHost } from './sample-host.ts';

const { url, host } = sampleHost();
const numberIn = (text: string): number => Number(text.replaceAll(',', ''));
const opened = async (hash = '', options = {}) => {
  const visited = await visit(`${url()}/${hash}`, options);
  await numbersShown(visited.page);
  return visited;
};

test('shows what the API answers, and a view is its URL', async () => {
  const { page } = await opened('#/overview?range=7d');
  const [row] = (await host().get<{ edits: number; editors: number }>('/metrics/edits?from=-7d&measures=edits,editors')).json.rows;
  const text = (number: number | undefined) => (number ?? 0).toLocaleString('en-GB');
  expect(await cardOf(page, 'edits', 'edits').innerText()).toBe(text(row?.edits));
  expect(await cardOf(page, 'edits', 'editors').innerText()).toBe(text(row?.editors));
  await page.locator('#m-edits .card-k', { hasText: 'added' }).click();
  await page.locator('.hero h3', { hasText: 'added' }).waitFor();
  expect(page.url()).toContain('measure=edits:added');
  await page.reload();
  await page.locator('.hero h3', { hasText: 'added' }).waitFor();
});

test('given a click on a value, then everything is filtered to it; ≠ leaves it out; back undoes it', async () => {
  const { page } = await opened();
  const all = await cardOf(page, 'edits', 'edits').innerText();
  await page
    .getByRole('button', { name: /^#en.wikipedia/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Remove the filter on channel' }).waitFor();
  const english = await until(async () => {
    const text = await cardOf(page, 'edits', 'edits').innerText();
    return text === all ? null : numberIn(text);
  });
  await page.getByLabel('How channel is filtered').selectOption('not');
  await until(async () => numberIn(await cardOf(page, 'edits', 'edits').innerText()) + english === numberIn(all));
  expect(page.url()).toContain('filter=channel:not:');
  await page.locator('#m-newcomers').scrollIntoViewIfNeeded();
  await page.getByText('not filtered: has no channel').waitFor();
  await page.goBack();
  await page.goBack();
  await page.getByRole('button', { name: 'Remove the filter on channel' }).waitFor({ state: 'detached' });
});

test('a filter is typed with suggestions; contains and has no value work', async () => {
  const { page } = await opened();
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await page.getByLabel('Dimension').selectOption('channel');
  await page.getByLabel('How', { exact: true }).selectOption('contains');
  await page.getByLabel('Value').fill('de.wiki');
  await page.locator('datalist option[value="#de.wikipedia"]').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Add the filter' }).click();
  await page.locator('.panel.list[aria-label="edits: first of channel"] .row').filter({ hasText: '#en.wikipedia' }).waitFor({ state: 'detached' });
  expect(await page.locator('.panel.list[aria-label="edits: first of channel"] .row').first().innerText()).toContain('#de.wikipedia');
});

test('given a drag on a chart, then it zooms, and its windows become finer', async () => {
  const { page } = await opened();
  const box = await page.locator('.hero .u-over').first().boundingBox();
  if (box === null) throw new Error('Expected a chart');
  await page.mouse.move(box.x + box.width * 0.4, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 100, { steps: 5 });
  await page.mouse.up();
  await page.getByRole('button', { name: 'Reset zoom' }).waitFor();
  expect(page.url()).toMatch(/range=\d{4}-/);
  expect(await page.locator('.pick select').first().inputValue()).not.toBe('30m');
  await page.keyboard.press('z');
  await page.getByRole('button', { name: 'Reset zoom' }).waitFor({ state: 'detached' });
});

test('any range and zone can be picked', async () => {
  const { page } = await opened();
  await page.keyboard.press('r');
  await page.getByRole('combobox', { name: 'Zone' }).fill('Asia/Tokyo');
  await page.getByRole('button', { name: 'Show it' }).click();
  await page.locator('.zone', { hasText: 'Asia/Tokyo' }).waitFor();
  expect(page.url()).toContain('tz=Asia/Tokyo');
  await page.keyboard.press('r');
  await page.getByLabel('To', { exact: true }).fill('2000-01-01T00:00');
  await page.getByText('The end is not after the start.').waitFor();
  await page.getByLabel('To', { exact: true }).fill('');
  await page.getByText('The end is not after the start.').waitFor();
  await page.keyboard.press('Escape');
});

test('given an event that is posted while somebody looks, then its number moves without a reload', async () => {
  const { page } = await opened();
  const number = async () => numberIn(await cardOf(page, 'edits', 'edits').innerText());
  const before = await number();
  const event = { time: new Date().toISOString(), channel: '#posted', namespace: 'Main', page: 'Posted', user: 'me', added: 1, deleted: 0, delta: 1 };
  const flags = { isAnonymous: false, isMinor: false, isNew: false, isRobot: false, isUnpatrolled: false };
  expect((await host().post('/events/edit', JSON.stringify({ ...event, ...flags }), { 'content-type': 'application/json' })).status).toBe(202);
  await until(async () => (await number()) > before);
});

test('a panel can be a table, and is saved as CSV', async () => {
  const { page } = await opened();
  await page.locator('.hero').first().getByRole('button', { name: 'Show as a table' }).click();
  expect(await page.locator('.hero .tbl tbody tr').count()).toBeGreaterThan(20);
  const [saved] = await Promise.all([page.waitForEvent('download'), page.locator('.hero').first().getByRole('button', { name: 'Download as CSV' }).click()]);
  const [head, ...lines] = readFileSync(await saved.path(), 'utf8')
    .trim()
    .split('\r\n');
  expect(head).toMatch(/^window,edits/);
  expect(lines.length).toBeGreaterThan(20);
});

test('a number opens what it is made of, and the same question for a terminal', async () => {
  const { page } = await opened();
  await cardOf(page, 'edits', 'edits').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('What this number is made of').waitFor();
  await dialog.getByText('Exact: each event counts once.').waitFor();
  expect(await dialog.locator('.code').innerText()).toMatch(/^curl -g 'http.*\/metrics\/edits\?from=.*measures=edits'$/);
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
});

test('everything is done by keys alone', async () => {
  const { page } = await opened();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  expect(await page.evaluate('document.activeElement.id')).toBe('main');
  await page.keyboard.press('?');
  await page.getByRole('heading', { name: 'Keyboard' }).waitFor();
  await page.keyboard.press('Escape');
  await page.locator('.hero .chart').first().focus();
  await page.keyboard.press('End');
  await page.keyboard.press('ArrowLeft');
  expect(await page.locator('.hero .tip').first().innerText()).toMatch(/edits/);
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('1');
  await page.waitForURL(/range=1h/);
  await page.keyboard.press('c');
  await page.waitForURL(/compare=off/);
  await page.keyboard.press('g');
  await page.keyboard.press('q');
  await page.getByRole('heading', { name: 'Quarantine' }).waitFor();
  await page.keyboard.press('/');
  await page.locator('#search:focus').waitFor();
});

test('fits at 400 px, and turns dark and light', async () => {
  const { page } = await opened('', NARROW);
  expect(await isTooWide(page)).toBe(false);
  const colour = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
  const light = await colour();
  await page.getByRole('button', { name: 'Dark' }).click();
  expect(await colour()).not.toBe(light);
  await page.reload();
  await numbersShown(page);
  expect(await colour()).not.toBe(light);
});
