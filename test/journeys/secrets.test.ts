import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { tokenFile } from '../../shared/adapters/files/token-file.ts';
import { createToken } from '../../shared/auth/tokens.ts';
import { type Host, startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { recompute, sampleEdits, settle } from '../support/sample.ts';
import { parseExposition, sampleOf } from '../watch/exposition.ts';

// A host with tokens, at its most talkative. Nothing that it prints or stores may hold a token's text, wherever it was put.

const folder = temporaryFolder();
const held = { write: createToken('write'), read: createToken('read'), admin: createToken('admin') };
const unknown = createToken('admin').token;
const secrets = [...Object.values(held).map(({ token }) => token), unknown];
let host: Host;
let as: Host;
beforeAll(async () => {
  const file = tokenFile({ path: join(folder.path, 'tokens.json') });
  for (const { stored } of Object.values(held)) await file.add(stored);
  host = await startHost({ DATA_DIR: folder.path, EPOCH: '1s', RECOMPUTE_EVERY: '1s', SHARDS: '1', LOG_LEVEL: 'debug' });
  const withToken = (headers: Readonly<Record<string, string>> = {}) => ({ authorization: `Bearer ${held.admin.token}`, ...headers });
  as = { ...host, get: (path, headers) => host.get(path, withToken(headers)), post: (path, body, headers) => host.post(path, body, withToken(headers)) };
});
afterAll(async () => {
  await host?.kill();
  folder.remove();
});

const filesIn = (path: string): string[] =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => join(path, name))
    .filter((name) => statSync(name).isFile());
/** A file's bytes, and what they inflate to. */
const contents = (file: string): string => {
  const bytes = readFileSync(file);
  const inflated = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes).toString('latin1') : '';
  return bytes.toString('latin1') + inflated;
};
const raw = (text: string): Promise<void> =>
  new Promise((resolve) => {
    const { port, hostname } = new URL(host.url);
    const socket = connect(Number(port), hostname, () => socket.end(text));
    socket.on('error', () => resolve());
    socket.on('close', () => resolve());
    socket.resume();
  });

test('tokens, good and bad, in their place and in odd ones, stand in no log and in no file', async () => {
  const event = JSON.stringify(sampleEdits()[0]);
  const json = { 'content-type': 'application/json' };
  for (const token of secrets) {
    const bearer = { authorization: `Bearer ${token}` };
    for (const path of ['/metrics', '/metrics/edits', '/generations', '/quarantine', '/stats', '/health', '/nowhere']) await host.get(path, bearer);
    for (const [path, body] of [
      ['/events/edit', event],
      ['/events/edit', '{"broken'],
      ['/events/edit', '{}'],
      ['/events/nothing', event],
      ['/events', event],
      ['/recompute', '{"through":"never"}'],
      ['/generations/none/activate', ''],
      ['/quarantine/replay', '{"reason":"none"}'],
    ] as const)
      await host.post(path, body, { ...json, ...bearer, 'x-api-key': token, cookie: `token=${token}` });
    // In odd places, by callers that may call and by those that may not.
    for (const headers of [{}, { authorization: `Bearer ${held.admin.token}` }]) {
      for (const path of [`/metrics?access_token=${token}`, `/metrics/edits?token=${token}`, `/metrics/${token}`, `/quarantine?reason=${token}`, `/${token}`])
        await host.get(path, headers);
      await host.post(`/generations/${token}/activate`, '', headers);
      await host.post('/recompute', JSON.stringify({ through: token }), { ...json, ...headers });
    }
    await host.get('/metrics', { authorization: token });
    await host.get('/metrics', { authorization: `Basic ${Buffer.from(`user:${token}`).toString('base64')}` });
    await host.get('/metrics', { authorization: `Bearer ${token}, Bearer ${token}` });
    await raw(`GET /metrics?${token} HTTP/9.9\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await raw(`GET http://[${token} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`);
    await raw(`POST /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Length: 5\r\n\r\n{`);
  }
  await settle(as, 'after the calls');
  await recompute(as);

  // The figures of all threads have come together: the main one's, a shard's, and the back office's.
  const families = parseExposition((await as.get('/stats')).text);
  expect(sampleOf(families, 'twinstream_refused_calls_total', {})).toBeGreaterThan(20);
  expect(sampleOf(families, 'twinstream_accepted_events_total', {})).toBeGreaterThanOrEqual(66);
  expect(sampleOf(families, 'twinstream_folded_events_total', {})).toBeGreaterThanOrEqual(65);
  expect(sampleOf(families, 'twinstream_generations_total', {})).toBeGreaterThanOrEqual(1);

  expect(await host.stop()).toBe(0);
  const printed = host.printed();
  expect(printed.split('\n').length).toBeGreaterThan(10);
  // Base64 of a token, as Basic has it, would do as well.
  const told = [...secrets, ...secrets.map((token) => Buffer.from(`user:${token}`).toString('base64').slice(8, -8))];
  const [, random = ''] = /_([\w-]{20})[\w-]*$/.exec(held.admin.token) ?? [];
  expect(random).toHaveLength(20);
  const leaks = (text: string) => [...told, random].filter((secret) => text.includes(secret));
  expect(leaks(printed)).toEqual([]);
  const files = filesIn(folder.path);
  expect(files.length).toBeGreaterThan(10);
  for (const file of files) expect([file, leaks(contents(file))]).toEqual([file, []]);
  // What is looked for can be found.
  expect(leaks(`x ${held.admin.token} y`).length).toBeGreaterThan(0);
  expect(readFileSync(join(folder.path, 'tokens.json'), 'utf8')).toContain(held.admin.stored.digest);
});
