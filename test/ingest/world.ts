import { z } from 'zod';
import type { QuarantineEntry } from '../../shared/ingest/quarantine-entry.ts';
import { decodeRecord } from '../../shared/log/record.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import { count, decimal, definePipeline, event, metric } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';

const visit = event(
  z.object({
    at: z.iso.datetime({ offset: true }),
    page: z.string(),
    n: z.int().default(1),
    price: decimal(2).optional(),
    geo: z.object({ country: z.string().default('unknown') }).optional(),
  }),
  { time: 'at', subject: 'page' },
);
const tick = event(z.object({ ms: z.int().optional(), key: z.string().max(300).optional(), any: z.unknown().optional() }), { time: 'ms', id: 'key' });

export const pipeline = definePipeline({
  events: { visit, tick },
  metrics: { visits: metric(visit, { measures: { visits: count() } }), ticks: metric(tick, { measures: { ticks: count() } }) },
});
export const NOW = '2026-11-21T10:00:30.000Z';
export const AT = '2026-11-21T09:00:00.000Z';

/** A system that only takes in: what it has stored and what it has put in quarantine can be read. */
export const ingesting = () => system({ pipeline, shards: 2, startMs: Date.parse(NOW) });

const recordsOf = async ({ log }: System): Promise<{ lane: string; events: StoredEvent[] }[]> => {
  const records = [];
  for (const { id } of await log.shards())
    for (const { data, lane } of (await log.read(id, '', { records: 100_000, bytes: 1e9 })).records)
      records.push({ lane, events: decodeRecord(data).map((line) => JSON.parse(line) as StoredEvent) });
  return records;
};
/** Every event in the log, by id. */
export const storedEvents = async (world: System): Promise<StoredEvent[]> =>
  (await recordsOf(world)).flatMap(({ events }) => events).sort((a, b) => (a.id < b.id ? -1 : 1));
/** Every line in the log, as it is stored. */
export const linesIn = async ({ log }: System): Promise<string[]> => {
  const lines = [];
  for (const { id } of await log.shards())
    for (const { data } of (await log.read(id, '', { records: 100_000, bytes: 1e9 })).records) lines.push(...decodeRecord(data));
  return lines;
};
/** The lanes that each id's events took. */
export const lanesById = async (world: System): Promise<Map<string, Set<string>>> => {
  const lanes = new Map<string, Set<string>>();
  for (const { lane, events } of await recordsOf(world)) for (const { id } of events) lanes.set(id, (lanes.get(id) ?? new Set()).add(lane));
  return lanes;
};

/** Every entry in quarantine, by the place of its event in the request. */
export const quarantineOf = async (world: System): Promise<readonly QuarantineEntry[]> => {
  const { body } = await world.get('/quarantine?from=2000-01-01&limit=1000', {});
  const at = ({ errors }: QuarantineEntry) => errors[0]?.index ?? -1;
  return [...body.events].sort((a, b) => at(a) - at(b));
};
export const bytesOf = ({ encoding, body }: QuarantineEntry): Buffer => Buffer.from(body, encoding);
