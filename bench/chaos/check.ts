// Holds answers against what was sent: every group of every minute, pages, both layers.
import type { Host } from '../../testing/host.ts';
import { type Day, type Fold, keyOf, type Ledger, RECEIPT, receiptMs, type Sums } from './ledger.ts';
import { sleep, type World } from './world.ts';

const DAY_MS = 86_400_000;
const DAYS_AT_ONCE = 10;
const SETTLES_WITHIN_MS = 120_000;
const PUBLISHES_WITHIN_MS = 180_000;
const SHOWN = 5;

interface Row {
  readonly window: string;
  readonly channel: string;
  readonly robot: boolean;
  readonly edits: number;
  readonly added: number;
  readonly deleted: number;
}
interface Listed {
  readonly id: string;
  readonly state: string;
  readonly metrics: Readonly<Record<string, { readonly drift: number | null }>>;
}
const iso = (ms: number): string => new Date(ms).toISOString();

/** Null while the host says that it cannot answer. */
const rowsOf = async (host: Host, { fromMs, toMs }: Day): Promise<Map<string, Sums> | string> => {
  const rows = new Map<string, Sums>();
  for (let at = fromMs; at < toMs; at += DAYS_AT_ONCE * DAY_MS) {
    const range = `from=${iso(at)}&to=${iso(Math.min(toMs, at + DAYS_AT_ONCE * DAY_MS))}`;
    const { status, text, json } = await host.get<Row>(`/metrics/edits?${range}&every=1m&by=channel,robot&measures=edits,added,deleted`);
    if (status !== 200) return `${status}: ${text.slice(0, 600)}`;
    for (const row of json.rows) rows.set(keyOf(row.window, row.channel, row.robot), [row.edits, row.added, row.deleted]);
  }
  return rows;
};
const differences = (expected: ReadonlyMap<string, Sums>, got: ReadonlyMap<string, Sums>) => {
  const lines: string[] = [];
  let isOver = false;
  for (const key of new Set([...expected.keys(), ...got.keys()])) {
    const [right, seen] = [expected.get(key) ?? [0, 0, 0], got.get(key) ?? [0, 0, 0]];
    if (right.every((value, i) => value === seen[i])) continue;
    isOver ||= seen[0] > right[0];
    lines.push(`${key}: expected ${right}, got ${seen}`);
  }
  return { lines, isOver };
};

/** Waits until each group is exact; a group with too many events fails at once. */
export const expectGroups = (host: Host, ledger: Ledger, fold: Fold, what: string): Promise<number> => exactly(host, ledger, fold, what, null);

/** The same, or an error that names a file of the lake. */
export const expectRightOrNamed = async (host: Host, ledger: Ledger, fold: Fold, what: string): Promise<boolean> =>
  (await exactly(host, ledger, fold, what, /\b(views|events|generations|raw)\/\S+\.(parquet|json|gz)/)) > 0;

const exactly = async (host: Host, ledger: Ledger, { groups }: Fold, what: string, named: RegExp | null): Promise<number> => {
  const deadlineMs = performance.now() + SETTLES_WITHIN_MS;
  for (;;) {
    let trouble = '';
    const got = new Map<string, Sums>();
    for (const range of [ledger.days(), ledger.receipts()]) {
      const rows = await rowsOf(host, range);
      if (typeof rows === 'string' && named?.test(rows)) return 0;
      if (typeof rows === 'string') trouble = rows;
      else for (const [key, sums] of rows) got.set(key, sums);
    }
    if (trouble === '') {
      const { lines, isOver } = differences(groups, got);
      if (lines.length === 0) return groups.size;
      trouble = `${lines.length} of ${groups.size} groups differ:\n  ${lines.slice(0, SHOWN).join('\n  ')}`;
      if (isOver) throw new Error(`${what}: more was counted than was acknowledged; ${trouble}`);
    }
    if (performance.now() > deadlineMs) throw new Error(`${what}: not right within ${SETTLES_WITHIN_MS} ms; ${trouble}`);
    await sleep(100);
  }
};

/** Entities, and how the search finds them. */
export const expectPages = async (host: Host, { pages }: Fold, names: readonly string[], what: string): Promise<void> => {
  const deadlineMs = performance.now() + SETTLES_WITHIN_MS;
  for (const name of names) {
    const [edits, added] = pages.get(name) ?? [0, 0];
    for (;;) {
      const one = await host.get(`/entities/page/${name}`);
      const found = await host.get<unknown>(`/entities/page?q=${name}&limit=1`);
      const hit = (JSON.parse(found.text) as { hits?: { key: string; entity: { edits: number } }[] }).hits?.[0];
      const entity = JSON.parse(one.text) as { edits?: number; added?: number };
      if (edits === 0 && one.status === 404) break;
      if (entity.edits === edits && entity.added === added && hit?.key === name && hit.entity.edits === edits) break;
      const got = `${one.status}: ${one.text.slice(0, 200)}; its search ${found.status}: ${found.text.slice(0, 200)}`;
      if (performance.now() > deadlineMs || (entity.edits ?? 0) > edits)
        throw new Error(`${what}: Expected the page ${name} with ${edits} edits, ${added} added, got ${got}`);
      await sleep(100);
    }
  }
};

/** Asks for a generation that holds everything, waits until it is active, and holds its drift against 0. */
export const recomputed = async (host: Host, request: Readonly<Record<string, unknown>>, what: string): Promise<void> => {
  const asked = await host.post('/recompute', JSON.stringify(request), { 'content-type': 'application/json' });
  if (asked.status !== 202) throw new Error(`${what}: Expected 202 for POST /recompute, got ${asked.status}: ${asked.text}`);
  const { id } = JSON.parse(asked.text) as { id: string };
  const deadlineMs = performance.now() + PUBLISHES_WITHIN_MS;
  for (;;) {
    const { text } = await host.get('/generations');
    const { generations } = JSON.parse(text) as { generations: Listed[] };
    const one = generations.find((generation) => generation.id === id);
    if (one?.state === 'published' || one?.state === 'retired') {
      // Each by itself: a sum of two differences may be 0.
      if (Object.values(one.metrics).some(({ drift }) => (drift ?? 0) !== 0)) throw new Error(`${what}: Expected drift 0, got ${JSON.stringify(one.metrics)}`);
      return;
    }
    if (one?.state === 'failed' || performance.now() > deadlineMs)
      throw new Error(`${what}: Expected generation ${id} within ${PUBLISHES_WITHIN_MS} ms, got ${JSON.stringify(one)}; ${(await host.get('/health')).text}`);
    await sleep(100);
  }
};

export const expectHealth = async (host: Host, what: string): Promise<void> => {
  const { status, text } = await host.get('/health');
  const { status: said } = JSON.parse(text) as { status: string };
  if (status !== 200 || said !== 'ok') throw new Error(`${what}: Expected health ok, got ${status}: ${text}`);
};

/** Which of the requests that a copy may hold it holds, by their receipts. */
export const heldIn = async (host: Host, indexes: readonly number[]): Promise<number[] | string> => {
  if (indexes.length === 0) return [];
  const rows = await rowsOf(host, { fromMs: receiptMs(Math.min(...indexes)), toMs: receiptMs(Math.max(...indexes) + 1) });
  if (typeof rows === 'string') return rows;
  return indexes.filter((index) => rows.has(keyOf(iso(receiptMs(index)), RECEIPT, true)));
};

/** Everything that was acknowledged counts exactly once, by the speed layer and then by the batch layer. */
export const checkpoint = async (world: World, what: string): Promise<void> => {
  const { feeder, ledger, random: r, lives } = world;
  const host = lives.running();
  await feeder.drain();
  const groups = await expectGroups(host, ledger, ledger.expected, `${what}, as it came`);
  const mark = ledger.mark();
  await recomputed(host, {}, what);
  world.archived = mark;
  await expectGroups(host, ledger, ledger.expected, `${what}, recomputed`);
  const pages = Array.from({ length: 8 }, () => `p${r.integer(0, 199)}`);
  await expectPages(host, ledger.expected, [...pages, RECEIPT], what);
  await expectHealth(host, what);
  feeder.resume();
  world.count('checkpoints');
  world.say(`checkpoint (${what}): ${(ledger.made() * 20).toLocaleString('en-US')} events, ${groups.toLocaleString('en-US')} groups, exact, speed and batch`);
};
