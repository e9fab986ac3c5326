import { gunzipSync } from 'node:zlib';
import type { NamedEntity } from '../../shared/definition/define.ts';
import { compileFold, type Group } from '../../shared/fold/metric.ts';
import { decodeRecord } from '../../shared/log/record.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import type { CellStore } from '../../shared/ports/cell-store.ts';
import type { EntityStore } from '../../shared/ports/entity-store.ts';
import type { LogReader } from '../../shared/ports/log-reader.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { entityId } from '../../shared/storage/entity-item.ts';
import { differences } from '../support/fold.ts';
import { scanned } from '../support/scanned.ts';
import { type Metric, type States, speedStates, statesOf } from '../support/states.ts';
import { hits } from '../support/world.ts';

const EVERYTHING = { records: 10_000, bytes: Number.MAX_SAFE_INTEGER };

/** A plain fold: each event once. */
const folded = (metric: Metric, events: readonly StoredEvent[]): States => {
  const fold = compileFold(metric.definition);
  const groups = new Map<string, Group>();
  for (const event of new Map(events.map((event) => [event.id, event])).values()) {
    const name = `${fold.window(event)} ${fold.key(event)}`;
    const group = groups.get(name) ?? fold.zero();
    groups.set(name, group);
    fold.add(group, event);
  }
  return statesOf(metric, groups);
};
export const expectSame = (what: string, expected: ReadonlyMap<string, string>, found: ReadonlyMap<string, string>): void => {
  const some = differences(expected, found).slice(0, 3);
  expect({ what, size: found.size, differences: some.map((text) => text.slice(0, 500)) }).toEqual({ what, size: expected.size, differences: [] });
};
export const expectTotals = async ({ store }: { readonly store: CellStore }, events: readonly StoredEvent[]): Promise<void> => {
  for (const metric of Object.values(hits.metrics))
    expectSame(metric.name, new Map(Object.entries(folded(metric, events))), new Map(Object.entries(await speedStates(store, metric, 0))));
};

/** A plain fold: each page's events once. */
export const expectPages = async ({ entities }: { readonly entities: EntityStore }, events: readonly StoredEvent[]): Promise<void> => {
  const once = [...new Map(events.map((event) => [event.id, event])).values()];
  const pageOf = ({ data }: StoredEvent) => String(data.page);
  const pages = [...new Set(once.map(pageOf))].map((page) => ({ page, of: once.filter((event) => pageOf(event) === page) }));
  const expected = pages.map(({ page, of }): [string, string] => [
    page,
    JSON.stringify({
      hits: of.length,
      n: of.reduce((sum, { data }) => sum + Number(data.n), 0),
      last: of
        .map(({ time }) => time)
        .sort()
        .at(-1),
    }),
  ]);
  const found: [string, string][] = [];
  for (const { key, fields } of await scanned(entities, entityId(hits.entities.page as NamedEntity)))
    found.push([key, JSON.stringify({ hits: fields.hits, n: fields.n, last: fields.last })]);
  expectSame('pages', new Map(expected), new Map(found));
};

/** `shard seq line` → the event, of every line of the log. */
export const linesOfLog = async (reader: LogReader): Promise<Map<string, string>> => {
  const lines = new Map<string, string>();
  for (const { id } of await reader.shards())
    for (const { sequenceNumber, data } of (await reader.read(id, '', EVERYTHING)).records)
      for (const [i, line] of decodeRecord(data).entries()) lines.set(`${id} ${sequenceNumber} ${i}`, line);
  return lines;
};
export const linesOfLake = async (lake: ObjectStore): Promise<Map<string, string>> => {
  const lines = new Map<string, string>();
  for await (const { key } of lake.list('raw/', '')) {
    const text = gunzipSync((await lake.get(key)) ?? Buffer.alloc(0)).toString();
    for (const one of text.split('\n').filter((line) => line !== '')) {
      const { shard, seq, line, event } = JSON.parse(one);
      lines.set(`${shard} ${seq} ${line}`, JSON.stringify(event));
    }
  }
  return lines;
};
