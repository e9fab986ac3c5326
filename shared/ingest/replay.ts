import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';
import { parseEvent } from '../domain/event.ts';
import { quarantineHour, quarantineRoot } from '../domain/lake.ts';
import { parseTime } from '../domain/times.ts';
import { type Detail, Problem } from '../http/problem.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { type AcceptPorts, appendLines, judgeAll } from './accept.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeEntry, originalOf, QUARANTINE_ENTRY, type QuarantineEntry } from './quarantine-entry.ts';
import { REASONS, type Submitted } from './submitted.ts';

/** Which quarantined entries: received from ≤ t < to, for these reasons, at most so many. */
export interface Selection {
  readonly fromMs: number;
  readonly toMs: number;
  readonly reasons: readonly string[];
  readonly limit: number;
}

/** A file stands in the hour of its oldest entry's delivery: at most this long before or after another entry's receipt. */
const DELIVERY_LAG_MS = 3_600_000;
/** Entries that one replay takes at most; it says when there are more. */
const MAX_REPLAY = 10_000;

/** Quarantine files with the entries that a selection names, by reason and time. */
async function* files(
  lake: ObjectStore,
  { fromMs, toMs, reasons }: Selection,
): AsyncGenerator<{ key: string; entries: QuarantineEntry[]; isSelected: (entry: QuarantineEntry) => boolean }> {
  const isSelected = ({ receivedAt }: QuarantineEntry) => Date.parse(receivedAt) >= fromMs && Date.parse(receivedAt) < toMs;
  for (const reason of reasons) {
    const root = quarantineRoot(reason);
    for await (const { key } of lake.list(root, root + quarantineHour(fromMs - DELIVERY_LAG_MS))) {
      if (key.slice(root.length) > `${quarantineHour(toMs + DELIVERY_LAG_MS)}~`) break;
      const bytes = await lake.get(key);
      if (bytes === null) continue;
      yield { key, entries: await decodeFile(bytes), isSelected };
    }
  }
}
/** Lines of JSON, gzipped or plain: it is the delivery stream's own affair. */
const decodeFile = async (bytes: Uint8Array): Promise<QuarantineEntry[]> => {
  const text = (bytes[0] === 0x1f ? await promisify(gunzip)(bytes) : Buffer.from(bytes)).toString();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => QUARANTINE_ENTRY.parse(JSON.parse(line)));
};

/** How many entries there are, and between which times they were received. */
export const REASON_COUNT = z.object({ reason: z.enum(REASONS), count: z.int(), first: z.iso.datetime(), last: z.iso.datetime() });

/** Entries that one count takes at most; it says when there are more. */
const MAX_COUNTED = 100_000;

/** What stands in quarantine, by reason. */
export const quarantinedReasons = async (lake: ObjectStore, selection: Selection): Promise<{ reasons: z.infer<typeof REASON_COUNT>[]; more: boolean }> => {
  const counts = new Map<string, z.infer<typeof REASON_COUNT>>();
  let counted = 0;
  for await (const { entries, isSelected } of files(lake, selection)) {
    if (counted >= MAX_COUNTED) return { reasons: [...counts.values()], more: true };
    for (const { reason, receivedAt } of entries.filter(isSelected)) {
      counted++;
      const { count, first, last } = counts.get(reason) ?? { count: 0, first: receivedAt, last: receivedAt };
      counts.set(reason, { reason, count: count + 1, first: receivedAt < first ? receivedAt : first, last: receivedAt > last ? receivedAt : last });
    }
  }
  return { reasons: [...counts.values()], more: false };
};

/** Entries in quarantine, oldest first within each reason. */
export const quarantined = async (lake: ObjectStore, selection: Selection): Promise<{ events: QuarantineEntry[]; more: boolean }> => {
  const found: QuarantineEntry[] = [];
  for await (const { entries, isSelected } of files(lake, selection)) {
    found.push(...entries.filter(isSelected));
    if (found.length > selection.limit) break;
  }
  return { events: found.slice(0, selection.limit), more: found.length > selection.limit };
};

/** The body of POST /quarantine/replay; all entries by default. */
export const REPLAY_REQUEST = z.strictObject({
  from: z.iso.datetime({ offset: true }).optional().describe('Received at this time or later.'),
  to: z.iso.datetime({ offset: true }).optional().describe('Received before this time.'),
  reason: z.enum(REASONS).optional(),
  ids: z.array(z.string()).max(1_000).optional().describe('Entries by id.'),
});

export interface Replayed {
  /** Events that are in the log now. */
  readonly accepted: number;
  /** Entries that were sent again whole, and left the quarantine. */
  readonly replayed: number;
  /** Entries that stay: rejected again, cut off, or records of the log. */
  readonly remaining: number;
  /** Why some stay. */
  readonly errors: readonly (Detail & { readonly entry: string })[];
  readonly more: boolean;
}

/**
 * Sends quarantined entries again, as they came, through the same checks. What is accepted moves to quarantine-replayed/.
 * An event keeps the id that it was given at first, so a replay that is cut off and done again counts it once.
 */
export const replay = async (ports: AcceptPorts & { lake: ObjectStore }, { from, to, reason, ids }: z.infer<typeof REPLAY_REQUEST>): Promise<Replayed> => {
  const { lake, clock, log } = ports;
  const selection: Selection = {
    fromMs: from === undefined ? 0 : (parseTime(from) ?? 0),
    toMs: to === undefined ? clock() + 1 : (parseTime(to) ?? 0),
    reasons: reason === undefined ? REASONS : [reason],
    limit: MAX_REPLAY,
  };
  const errors: Replayed['errors'][number][] = [];
  let [accepted, replayed, remaining] = [0, 0, 0];
  for await (const { key, entries, isSelected } of files(lake, selection)) {
    if (replayed + remaining >= MAX_REPLAY) return { accepted, replayed, remaining, errors, more: true };
    const done: QuarantineEntry[] = [];
    for (const entry of entries) {
      if (!isSelected(entry) || (ids !== undefined && !ids.includes(entry.id))) continue;
      const problems = await again(ports, entry);
      if (problems.rejected.length === 0) done.push(entry);
      else remaining++;
      for (const problem of problems.rejected.slice(0, 1)) if (errors.length < 100) errors.push({ ...problem, entry: entry.id });
      await appendLines(log, problems.byLane);
      accepted += problems.accepted;
    }
    replayed += done.length;
    if (done.length > 0) await moveOut(lake, key, entries, done);
  }
  return { accepted, replayed, remaining, errors, more: false };
};

const again = async (
  ports: AcceptPorts,
  entry: QuarantineEntry,
): Promise<{ byLane: ReadonlyMap<number, readonly string[]>; accepted: number; rejected: readonly Detail[] }> => {
  const stays = (message: string) => ({ byLane: new Map(), accepted: 0, rejected: [{ message }] });
  if (entry.truncated) return stays('Only the first 512 KB of it were kept. Send the original again.');
  if (entry.reason === 'fold-failed')
    return stays(
      saysEvent(entry) ? 'It stands in the log, and the batch layer counts it.' : 'It is a line of the log, and says no event. Its bytes are in body.',
    );
  if (entry.reason === 'index-refused') return stays('It is an entity that the search index refused. After a fix, build the index anew: npm run reindex.');
  if (entry.reason === 'undecodable-record') return stays('It is a record of the log, not an event. Its bytes are in body.');
  let events: Submitted[];
  try {
    events = await decodeRequest({ type: entry.type, headers: entry.headers, body: originalOf(entry) });
  } catch (error) {
    if (error instanceof Problem) return stays(error.message);
    throw error;
  }
  const { fallbackId } = entry;
  const { byLane, rejected } = judgeAll(ports, fallbackId === null ? events : events.map((event) => ({ ...event, fallbackId })));
  return { byLane, accepted: events.length - rejected.length, rejected: rejected.flatMap(({ rejection }) => rejection.errors) };
};

/** Whether the batch layer reads the line as an event. */
const saysEvent = (entry: QuarantineEntry): boolean => {
  try {
    parseEvent(originalOf(entry).toString());
    return true;
  } catch {
    return false;
  }
};

/** Copies first, so that a crash in between leaves an entry in both places rather than in none. */
const moveOut = async (lake: ObjectStore, key: string, entries: readonly QuarantineEntry[], done: readonly QuarantineEntry[]): Promise<void> => {
  const encode = (some: readonly QuarantineEntry[]) => promisify(gzip)(Buffer.concat(some.map(encodeEntry)));
  await lake.put(`${key.replace('quarantine/', 'quarantine-replayed/').replace(/\.gz$/, '')}-${done[0]?.id}.gz`, await encode(done));
  const staying = entries.filter((entry) => !done.includes(entry));
  if (staying.length === 0) await lake.remove([key]);
  else await lake.put(key, await encode(staying));
};
