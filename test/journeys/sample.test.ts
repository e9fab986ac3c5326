import { type Host, startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { feed } from '../support/host.ts';
import { JOURNEY_PIPELINE, some } from '../support/long.ts';
import { answersOf, DAY, recompute, sampleEdits, settle } from '../support/sample.ts';

const folder = temporaryFolder();
const env = { PIPELINE: JOURNEY_PIPELINE, DATA_DIR: folder.path, EPOCH: '1s', RECOMPUTE_EVERY: '1h', LOG_LEVEL: 'warn' };
let host: Host;
beforeAll(async () => {
  host = await startHost(env);
});
afterAll(async () => {
  await host?.kill();
  folder.remove();
});

const edits = sampleEdits();
const sumOf = (field: 'added' | 'deleted') => edits.reduce((sum, edit) => sum + edit[field], 0);
const countBy = (key: (edit: (typeof edits)[number]) => string) => {
  const counts = new Map<string, number>();
  for (const edit of edits) counts.set(key(edit), (counts.get(key(edit)) ?? 0) + 1);
  return counts;
};

interface All {
  readonly edits: number;
  readonly added: number;
  readonly deleted: number;
  readonly editors: number;
  readonly size: Readonly<Record<string, number>>;
  readonly pages: readonly { readonly count: number }[];
}
/** What the sample must give, from a plain look at its lines. */
const checkExact = async (extra: number) => {
  const [all] = (await host.get<All>(`/metrics/edits?${DAY}&every=all`)).json.rows;
  if (all === undefined) throw new Error('Expected a row, got none');
  expect({ edits: all.edits, added: all.added, deleted: all.deleted }).toEqual({ edits: 39_244 + extra, added: sumOf('added'), deleted: sumOf('deleted') });
  expect(edits).toHaveLength(39_244);
  expect([sumOf('added'), sumOf('deleted')]).toEqual([9_385_573, 394_298]);
  expect(all.pages.slice(0, 5).map(({ count }) => count)).toEqual([33, 28, 27, 21, 20]);
  const editors = new Set(edits.map(({ user }) => user)).size;
  expect(editors).toBe(10_531);
  expect(Math.abs(all.editors / editors - 1)).toBeLessThan(0.03);
  const sizes = edits.map(({ added }) => added).sort((a, b) => a - b);
  for (const p of [50, 90, 99]) {
    const exact = sizes[Math.ceil((p / 100) * (sizes.length + extra)) - 1] ?? 0;
    expect(Math.abs((all.size[`p${p}`] ?? Number.NaN) - exact)).toBeLessThanOrEqual(exact * 0.01);
  }

  const channels = (await host.get(`/metrics/edits?${DAY}&every=all&by=channel&order=-edits&limit=2&measures=edits`)).json.rows;
  expect(channels.map(({ channel, edits: n }) => [channel, n])).toEqual([
    ['#en.wikipedia', 11_549 + extra],
    ['#vi.wikipedia', 9_747],
  ]);
  const hours = (await host.get<{ window: string; edits: number }>(`/metrics/edits?${DAY}&every=1h&measures=edits`)).json.rows;
  const perHour = countBy(({ time }) => time.slice(0, 13));
  if (extra === 0) expect(new Map(hours.map(({ window, edits: n }) => [window.slice(0, 13), n]))).toEqual(perHour);
  expect(hours.reduce((sum, { edits: n }) => sum + n, 0)).toBe(39_244 + extra);
};

test('the sample, in a long run sent twice, gives exact answers from the speed layer', async () => {
  for (const time of some(['first', 'second'], 1)) {
    const { code, printed } = await feed(['sample', '--url', host.url], env).ended;
    expect({ time, code, accepted: /39,244 events accepted, 0 rejected/.test(printed) }).toEqual({ time, code: 0, accepted: true });
    await settle(host, `after the ${time}`);
    await checkExact(0);
  }
  const { provenance } = (await host.get(`/metrics/edits?${DAY}&every=all`)).json;
  expect(provenance).toMatchObject({ generation: null, windows: { batch: 0 } });
});

test('after a recompute the batch layer gives the very same rows, estimates included, and there is no drift', async () => {
  const before = await answersOf(host);
  const generation = await recompute(host);
  expect(generation.drift).toBe(0);
  const after = await answersOf(host);
  for (const [i, { json }] of after.entries()) {
    expect(json.rows).toEqual(before[i]?.json.rows);
    expect(json.rows.length).toBeGreaterThan(0);
    expect(json.provenance).toMatchObject({ generation: generation.id, windows: { speed: 0 } });
  }
  await checkExact(0);
});

test('events that come after the horizon add up with the batch, late ones in their old windows', async () => {
  const late = edits.filter(({ channel }) => channel === '#en.wikipedia').slice(0, 3);
  const body = late.map((edit) => JSON.stringify({ ...edit, added: 0, deleted: 0, page: 'Late', user: edit.user })).join('\n');
  expect((await host.post('/events/edit', body, { 'idempotency-key': 'late' })).json).toEqual({ accepted: 3, rejected: 0, errors: [] });
  await settle(host, 'after the late ones');
  await checkExact(3);
  const minute = late[0]?.time.slice(0, 16) ?? '';
  const { rows } = (await host.get(`/metrics/edits?from=${minute}Z&to=${minute.slice(0, 11)}23:59Z&every=1m&measures=edits&limit=1`)).json;
  const expected = (countBy(({ time }) => time.slice(0, 16)).get(minute) ?? 0) + late.filter(({ time }) => time.startsWith(minute)).length;
  expect(rows).toEqual([{ window: `${minute}:00.000Z`, edits: expected }]);
});

test('a stop drains and exits with 0, and a restart goes on where it stood', async () => {
  const before = await answersOf(host);
  expect(await host.stop()).toBe(0);
  host = await startHost(env);
  expect((await answersOf(host)).map(({ json }) => json.rows)).toEqual(before.map(({ json }) => json.rows));
  const generation = await recompute(host);
  expect(generation.drift).toBe(0);
  expect((await answersOf(host)).map(({ json }) => json.rows)).toEqual(before.map(({ json }) => json.rows));
  await checkExact(3);
});
