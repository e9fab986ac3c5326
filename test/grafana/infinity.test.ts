import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tokenFile } from '../../shared/adapters/files/token-file.ts';
import { createToken } from '../../shared/auth/tokens.ts';
import { type Host, startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { sampleEdits } from '../support/sample.ts';
import { until } from '../support/until.ts';

// What Grafana's Infinity data source asks for the dashboard of docs/grafana, as its own code (3.11.1) sent it: record.go says how
// it was recorded. The answers are those that it made its tables and series of.

interface Recorded {
  readonly panel: string;
  readonly target: Target;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly answer: string;
  /** What the plugin read out of the answer; nothing if its part in Grafana's page does (UQL). */
  readonly fields: readonly { readonly name: string; readonly type: string; readonly rows: number }[];
  readonly error?: string;
}
interface Target {
  readonly url: string;
  readonly parser: string;
}
interface Dashboard {
  readonly templating: { readonly list: readonly { readonly query: string | { readonly infinityQuery?: Target } }[] };
  readonly panels: readonly { readonly title: string; readonly targets: readonly Target[] }[];
}
const read = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;
const recorded = read<readonly Recorded[]>('test/grafana/recorded.json');
const { templating, panels } = read<Dashboard>('docs/grafana/edits.json');

test('given the dashboard, then each of its targets was recorded as it is', () => {
  const variables = templating.list.flatMap(({ query }) => (typeof query === 'string' || query.infinityQuery === undefined ? [] : [query.infinityQuery]));
  expect(recorded.map(({ target }) => target)).toEqual([...variables, ...panels.flatMap(({ targets }) => targets)]);
});

test('given the recording, then the plugin read rows out of each answer', () => {
  for (const { panel, target, fields, error } of recorded) {
    expect([panel, error]).toEqual([panel, undefined]);
    if (target.parser === 'uql') continue;
    expect([panel, fields.length > 0 && fields.every(({ rows }) => rows > 0)]).toEqual([panel, true]);
  }
});

describe('a host with the sample, which requires tokens', () => {
  const folder = temporaryFolder();
  const { token, stored } = createToken('read');
  const writer = createToken('write');
  let host: Host;
  beforeAll(async () => {
    const tokens = tokenFile({ path: join(folder.path, 'tokens.json') });
    await tokens.add(stored);
    await tokens.add(writer.stored);
    host = await startHost({ DATA_DIR: folder.path, EPOCH: '1m', RECOMPUTE_EVERY: '1h', LOG_LEVEL: 'warn', SHARDS: '1' });
    const lines = sampleEdits().map((edit) => JSON.stringify(edit));
    for (let i = 0; i < lines.length; i += 10_000) {
      const headers = { 'content-type': 'application/x-ndjson', authorization: `Bearer ${writer.token}` };
      expect((await host.post('/events/edit', lines.slice(i, i + 10_000).join('\n'), headers)).status).toBe(202);
    }
    const status = () => host.get<never>('/status', { authorization: `Bearer ${token}` });
    await until(async () => (JSON.parse((await status()).text) as { events: { total: number } }).events.total === lines.length);
  });
  afterAll(async () => {
    await host?.kill();
    folder.remove();
  });

  /** As it was sent, but for the token and what a client computes of the body. */
  const send = async ({ method, path, headers, body }: Recorded) => {
    const { 'content-length': _, ...sent } = headers;
    return fetch(host.url + path, { method, headers: { ...sent, authorization: `Bearer ${token}` }, ...(body === '' ? {} : { body }) });
  };
  /** What a panel shows: rows and values, but not when they were read and by what. */
  const shown = (text: string): unknown => {
    const { rows, values, state, ...others } = JSON.parse(text) as Record<string, unknown>;
    if (state !== undefined) return 'a status';
    return rows ?? values ?? Object.values(others).map((answer) => (answer as { rows: unknown }).rows);
  };

  test.each(recorded.map((request) => [request.panel, request] as const))('answers "%s" as it was recorded', async (_, request) => {
    const response = await send(request);
    const text = await response.text();
    expect([response.status, response.status === 200 ? '' : text]).toEqual([200, '']);
    if (request.headers.accept?.startsWith('text/csv') === true) expect(text).toBe(request.answer);
    else expect(shown(text)).toEqual(shown(request.answer));
  });
});
