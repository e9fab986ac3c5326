import { spawnSync } from 'node:child_process';
import type { Status } from '../../client/status.ts';
import { type Host, startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { sampleEdits } from '../support/sample.ts';
import { until } from '../support/until.ts';
import { findings } from './axe.ts';
import { cardOf, isTooWide, NARROW, numbersShown, visit } from './browser.ts';

const SETTINGS = { EPOCH: '1s', RECOMPUTE_EVERY: '1h', LOG_LEVEL: 'warn', SHARDS: '1' };

describe('a new folder', () => {
  const folder = temporaryFolder();
  let host: Host;
  beforeAll(async () => {
    host = await startHost({ ...SETTINGS, DATA_DIR: folder.path });
  });
  afterAll(async () => {
    await host?.kill();
    folder.remove();
  });

  test('says what to paste, and what is pasted shows without a reload', async () => {
    const { page } = await visit(host.url);
    await page.getByRole('heading', { name: 'No events yet.' }).waitFor();
    expect(await findings(page)).toEqual([]);
    const command = await page.locator('.paste .code').first().innerText();
    expect(command).toMatch(/^curl http.*\/events\/edit/);
    const { status } = spawnSync('bash', ['-c', `${command} --fail --silent`]);
    expect(status).toBe(0);
    await numbersShown(page);
    expect(await cardOf(page, 'edits', 'edits').innerText()).toBe('1');
    expect(await page.locator('.say').innerText()).toContain('1 event since');
  });

  test('shows what is pushed, whatever a look at its status says', async () => {
    const { page } = await visit(host.url);
    await numbersShown(page);
    // The status stays as it is, the server's time too, so that looks find nothing new.
    let kept: string | null = null;
    await page.route('**/status', async (route) => {
      kept ??= await (await route.fetch()).text();
      await route.fulfill({ body: kept, contentType: 'application/json' });
    });
    await page.waitForResponse('**/status');
    const before = Number(await cardOf(page, 'edits', 'edits').innerText());
    const [edit] = sampleEdits();
    // What is shown is the time of the event that was pasted.
    const time = ((await host.get('/status')).json as unknown as Status).events.last;
    const { status } = await host.post('/events/edit', JSON.stringify({ ...edit, time }));
    expect(status).toBe(202);
    await until(async () => Number(await cardOf(page, 'edits', 'edits').innerText()) === before + 1);
  });

  test('has a strict content security policy, names that may be kept for good, and a page that may not', async () => {
    const { headers, text } = await host.get('/');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
    expect(headers.get('cache-control')).toBe('no-cache');
    const assets = [...text.matchAll(/(?:src|href)="(assets\/[^"]+)"/g)].map(([, path]) => path);
    expect(assets).toHaveLength(5);
    for (const path of assets) {
      const asset = await host.get(`/${path}`);
      expect([asset.status, asset.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
    }
    expect((await host.get('/assets/none.js')).status).toBe(404);
    expect((await host.get('/', { 'if-none-match': headers.get('etag') ?? '' })).status).toBe(304);
  });

  test('once its status cannot be read, says so, and no more once it can', async () => {
    const { page, errors } = await visit(host.url);
    await numbersShown(page);
    await page.route('**/status', (route) => route.fulfill({ status: 502, body: '<html>Bad gateway</html>' }));
    await page.getByText('The server does not answer.').first().waitFor();
    await page.unroute('**/status');
    await page.getByText('The server does not answer.').first().waitFor({ state: 'hidden' });
    expect(errors.every((error) => /502/.test(error))).toBe(true);
    errors.length = 0;
  });

  test('once the server is gone, says so, keeps the numbers, and goes on once it is back', async () => {
    const { page, errors } = await visit(host.url);
    await numbersShown(page);
    const port = new URL(host.url).port;
    await host.stop();
    await page.getByText('The server does not answer.').first().waitFor();
    expect(await cardOf(page, 'edits', 'edits').innerText()).toBe('2');
    host = await startHost({ ...SETTINGS, DATA_DIR: folder.path, PORT: port });
    await page.getByText('The server does not answer.').first().waitFor({ state: 'hidden' });
    expect(errors.every((error) => /ERR_CONNECTION|Failed to load resource/.test(error))).toBe(true);
    errors.length = 0;
  });
});

describe('a server with tokens', () => {
  const folder = temporaryFolder();
  const env = { ...SETTINGS, DATA_DIR: folder.path };
  const made = (scope: string): string => {
    const { stdout } = spawnSync(process.execPath, ['scripts/twinstream.mjs', 'token', 'create', '--scope', scope], {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    });
    const [token] = /twinstream_\S+/.exec(stdout) ?? [];
    if (token === undefined) throw new Error(`Expected a token, got ${stdout}`);
    return token;
  };
  let host: Host;
  let token: string;
  let writer: string;
  beforeAll(async () => {
    token = made('read');
    writer = made('write');
    host = await startHost(env);
  });
  afterAll(async () => {
    await host?.kill();
    folder.remove();
  });

  test('asks for one, refuses a wrong one, and keeps a right one in this tab alone', async () => {
    const { page, errors } = await visit(host.url, NARROW);
    await page.getByLabel('Token').fill('twinstream_wrong');
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('alert').waitFor();
    expect(await findings(page)).toEqual([]);
    await page.getByLabel('Token').fill(writer);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('alert').getByText('may not read').waitFor();
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Open' }).click();
    await page.getByRole('heading', { name: 'No events yet.' }).waitFor();
    expect(await isTooWide(page)).toBe(false);
    await page.reload();
    await page.getByRole('heading', { name: 'No events yet.' }).waitFor();
    await page.goto(`${host.url}/#/operations`);
    await page.getByText('This token may not see generations').waitFor();
    expect(errors.every((error) => /401|403/.test(error))).toBe(true);
    errors.length = 0;
    const other = await page.context().newPage();
    await other.goto(host.url);
    await other.getByLabel('Token').waitFor();
    errors.length = 0;
  });
});
