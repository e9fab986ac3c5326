import { gunzipSync } from 'node:zlib';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import type { CellStore } from '../../shared/ports/cell-store.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import type { Random } from '../../testing/random.ts';
import type { Position } from './oracle.ts';
import type { PlayedLog, PlayedShard } from './played-log.ts';

/** A table that somebody publishes, as CSV: some of the keys that events have, and others; some cells are empty. */
export const tableOf = (r: Random): string => {
  const cell = (text: string) => (r.chance(0.2) ? '' : text);
  const rows = ['a', 'b', 'c', 'Ω "x"', 'tea', 'cake', 'x', 'y', 'é', 'none']
    .filter((_, i) => r.chance(0.7) || i === 0)
    .map((key) => `"${key.replaceAll('"', '""')}",${cell(r.pick(['x', 'y', '"Ω ""z"""']))},${cell(String(r.integer(-9, 99)))},${cell(String(r.chance(0.6)))}`);
  return `key,kind,worth,flag\n${rows.map((row) => `${row}\n`).join('')}`;
};

interface StoredChange {
  readonly revision: number;
  readonly what: { readonly put: { readonly id: string; readonly from: string; readonly rows: string } } | { readonly undo: string };
}
type Rows = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What the product lists and what its log announces, read plainly. */
export const readReference = async (log: Pick<PlayedLog, 'all'>, store: CellStore, lake: ObjectStore) => {
  const documents = async (partition: string) =>
    (await store.query({ partition, from: '', to: '~' })).map(({ sort, body }) => ({ sort, body: JSON.parse(Buffer.from(body).toString()) as unknown }));
  const changes = (await documents('lookups')).map(({ body }) => body as StoredChange);
  const begun = new Map((await documents('lookups-begun')).map(({ sort, body }) => [sort, (body as { revision: number }).revision]));
  const announced = announcements(log.all, begun);
  const files = new Map<string, Rows>();
  for (const { what } of changes) {
    if (!('put' in what) || files.has(what.put.rows)) continue;
    const stored = await lake.get(`lookups/sha256=${what.put.rows}/rows.ndjson.gz`);
    if (stored === null) throw new Error(`Expected the rows of ${what.put.id} to be in the lake`);
    const lines = gunzipSync(stored).toString().split('\n').slice(0, -1);
    files.set(what.put.rows, Object.fromEntries(lines.map((line) => JSON.parse(line)).map(({ key, row }) => [key, row])));
  }
  const rowOf = (key: unknown, time: string, revision: number): Readonly<Record<string, string | number | boolean | null>> => {
    const undone = changes.flatMap((change) => ('undo' in change.what && change.revision <= revision ? [change.what.undo] : []));
    let found: { from: string; rows: string } | null = null;
    for (const { what, revision: at } of changes)
      if ('put' in what && at <= revision && !undone.includes(what.put.id) && what.put.from <= time && what.put.from >= (found?.from ?? '')) found = what.put;
    const rows = found === null ? undefined : files.get(found.rows);
    const {
      kind = null,
      worth = null,
      flag = null,
    } = (typeof key === 'string' && rows !== undefined && Object.hasOwn(rows, key) ? rows[key] : undefined) ?? {};
    return { kind, worth: worth === null ? null : Number(worth), flag: flag === null ? null : flag === 'true' };
  };
  return {
    latest: changes.at(-1)?.revision ?? 0,
    versions: changes.flatMap(({ what }) => ('put' in what ? [what.put.id] : [])),
    /** The event, and each of its lines, with the cells of its row among its data: as the speed layer looks it up, or at a generation's revision. */
    seen: ({ shard, record, event }: Position, revision: number | 'live'): StoredEvent => {
      const at = revision === 'live' ? (announced.get(shard)?.[record] ?? 0) : revision;
      const { type, time, data } = event;
      const lines = (data.lines ?? null) as readonly ({ readonly sku: string } | null)[] | null;
      const own = lines?.map((line) => (line === null ? null : { ...line, ...rowOf(line.sku, time, at) }));
      return { ...event, data: { ...data, ...rowOf(type === 'hit' ? data.page : data.item, time, at), ...(own === undefined ? {} : { lines: own }) } };
    },
  };
};
export type Reference = Awaited<ReturnType<typeof readReference>>;

/** The revision that each record of each shard is under: the greatest announced before it in the shard and in those that it continues. */
const announcements = (all: readonly PlayedShard[], begun: ReadonlyMap<string, number>): Map<string, number[]> => {
  const of = new Map<string, number[]>();
  const ancestors = (shard: PlayedShard): PlayedShard[] =>
    all.filter(({ id }) => shard.parents.includes(id)).flatMap((parent) => [parent, ...ancestors(parent)]);
  for (const shard of all) {
    const before = ancestors(shard).flatMap(({ id }) => of.get(id)?.at(-1) ?? []);
    let revision = before.length > 0 ? Math.max(...before) : (begun.get(shard.id) ?? 0);
    of.set(
      shard.id,
      shard.records.map(({ data }) => {
        const bytes = Buffer.from(data);
        if (bytes[3] === 4) revision = Math.max(revision, bytes.readUIntLE(16, 6));
        return revision;
      }),
    );
  }
  return of;
};
