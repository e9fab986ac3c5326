import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import { parseTime } from '../definition/times.ts';
import { type AcceptPorts, appendLines, judgeAll } from '../ingest/accept.ts';
import { decodeRequest } from '../ingest/decode-request.ts';
import { encodeEntry, type ListedEntry, originalOf, type QuarantineEntry } from '../ingest/quarantine-entry.ts';
import { REASONS, type Submitted } from '../ingest/submitted.ts';
import type { Line } from '../log/record.ts';
import { parseEvent } from '../log/stored-event.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { type Detail, Problem } from '../request/problem.ts';
import { DAMAGE, type Damage, MAX_DAMAGED, type QuarantineFile, quarantineFiles, type Selection, takeOut } from './quarantine-files.ts';

/** How many entries there are, and between which times they were received. */
export const REASON_COUNT = z.object({ reason: z.enum(REASONS), count: z.int(), first: z.iso.datetime(), last: z.iso.datetime() });

/** Most entries that one count takes; it says when there are more. */
const MAX_COUNTED = 100_000;

/** The contents of the quarantine, by reason. */
export const quarantinedReasons = async (
  lake: ObjectStore,
  selection: Selection,
): Promise<{ reasons: z.infer<typeof REASON_COUNT>[]; damaged: Damage[]; more: boolean }> => {
  const counts = new Map<string, z.infer<typeof REASON_COUNT>>();
  const damaged: Damage[] = [];
  const ids = new Set<string>();
  let counted = 0;
  for await (const { entries, damage } of quarantineFiles(lake, selection)) {
    if (counted >= MAX_COUNTED || damaged.length >= MAX_DAMAGED) return { reasons: [...counts.values()], damaged, more: true };
    damaged.push(...damage);
    for (const { id, reason, receivedAt } of entries) {
      counted++;
      const { count, ...span } = counts.get(reason) ?? { count: 0, first: receivedAt, last: receivedAt };
      counts.set(reason, { reason, count: count + (ids.has(id) ? 0 : 1), ...spanning(span, receivedAt) });
      ids.add(id);
    }
  }
  return { reasons: [...counts.values()], damaged, more: false };
};

const spanning = ({ first, last }: { readonly first: string; readonly last: string }, at: string) => ({
  first: at < first ? at : first,
  last: at > last ? at : last,
});

/** Entries in quarantine, oldest first within each reason and identical bytes once, and the files among them that cannot be read. */
export const quarantined = async (lake: ObjectStore, selection: Selection): Promise<{ events: ListedEntry[]; damaged: Damage[]; more: boolean }> => {
  const found = new Map<string, ListedEntry>();
  let read = 0;
  const damaged: Damage[] = [];
  for await (const { entries, damage } of quarantineFiles(lake, selection)) {
    if (damaged.length >= MAX_DAMAGED || read >= MAX_COUNTED) return { events: [...found.values()].slice(0, selection.limit), damaged, more: true };
    damaged.push(...damage);
    read += entries.length;
    for (const entry of entries) {
      const known = found.get(entry.id);
      const { receivedAt } = entry;
      if (known !== undefined) found.set(entry.id, { ...known, times: known.times + 1, ...spanning(known, receivedAt) });
      else if (found.size <= selection.limit) found.set(entry.id, { ...entry, times: 1, first: receivedAt, last: receivedAt });
    }
  }
  return { events: [...found.values()].slice(0, selection.limit), damaged, more: found.size > selection.limit };
};

/** The body of POST /quarantine/replay; all entries by default. */
export const REPLAY_REQUEST = z.strictObject({
  from: z.iso.datetime({ offset: true }).optional().describe('Received at this time or later.'),
  to: z.iso.datetime({ offset: true }).optional().describe('Received before this time.'),
  reason: z.enum(REASONS).optional(),
  ids: z.array(z.string()).max(1_000).optional().describe('Entries by id.'),
});

/** What a replay did. */
export const REPLAYED = z.object({
  accepted: z.int().describe('Events that are now in the log.'),
  replayed: z.int().describe('Entries of which everything was accepted, and that left the quarantine.'),
  remaining: z.int().describe('Entries that stay in quarantine: rejected again, truncated, or records of the log.'),
  errors: z.array(z.object({ entry: z.string(), index: z.int().optional(), path: z.string().optional(), message: z.string() })).describe('Why some stay.'),
  damaged: z.array(DAMAGE).describe('Files that cannot be read completely; what cannot be read stays as it is.'),
  more: z.boolean().describe('Whether some were not tried yet, since the time for an answer was over: call again.'),
});
export type Replayed = z.infer<typeof REPLAYED>;

/**
 * Sends quarantined entries again, as they came, through the same checks. Accepted ones move to quarantine-replayed/.
 * Idempotent: an event keeps the id that it was given at first, so a replay that is interrupted and repeated counts it once.
 * @param msLeft how long the caller still waits: when that is nearly over, the remaining entries are counted, and left for another call.
 */
export const replay = async (
  ports: AcceptPorts & { lake: ObjectStore },
  { from, to, reason, ids }: z.infer<typeof REPLAY_REQUEST>,
  msLeft: () => number,
): Promise<Replayed> => {
  const { lake, clock } = ports;
  const selection: Selection = {
    fromMs: from === undefined ? 0 : (parseTime(from) ?? 0),
    toMs: to === undefined ? clock() + 1 : (parseTime(to) ?? 0),
    reasons: reason === undefined ? REASONS : [reason],
    limit: MAX_COUNTED,
  };
  const errors: Replayed['errors'][number][] = [];
  const damaged: Damage[] = [];
  let [accepted, replayed, remaining, more] = [0, 0, 0, false];
  /** Entries with the same bytes as one that has been sent again already. */
  const sent = new Set<string>();
  for await (const file of quarantineFiles(lake, selection)) {
    if (damaged.length >= MAX_DAMAGED || remaining >= MAX_COUNTED) return { accepted, replayed, remaining, errors, damaged, more: true };
    damaged.push(...file.damage);
    const entries = ids === undefined ? file.entries : file.entries.filter(({ id }) => ids.includes(id));
    const done: QuarantineEntry[] = [];
    for (let start = 0; start < entries.length; start += AT_ONCE) {
      const some = entries.slice(start, start + AT_ONCE);
      more ||= msLeft() < SPARE_MS;
      if (more) {
        remaining += some.length;
        continue;
      }
      const outcome = await sendAgain(ports, some, sent);
      done.push(...outcome.done);
      accepted += outcome.accepted;
      remaining += some.length - outcome.done.length;
      errors.push(...outcome.errors.slice(0, MAX_ERRORS - errors.length));
    }
    replayed += done.length;
    if (done.length > 0) await moveOut(lake, file, done);
  }
  return { accepted, replayed, remaining, errors, damaged, more };
};

/** Number of entries whose events go to the log at once. */
const AT_ONCE = 500;
/** The time reserved for moving a file's entries, once the time for sending is over. */
const SPARE_MS = 5_000;
const MAX_ERRORS = 100;

const sendAgain = async (
  ports: AcceptPorts,
  entries: readonly QuarantineEntry[],
  sent: Set<string>,
): Promise<{ readonly done: readonly QuarantineEntry[]; readonly accepted: number; readonly errors: readonly Replayed['errors'][number][] }> => {
  const done: QuarantineEntry[] = [];
  const errors: Replayed['errors'][number][] = [];
  const byLane = new Map<number, Line[]>();
  let accepted = 0;
  for (const entry of entries) {
    if (sent.has(entry.id)) {
      done.push(entry);
      continue;
    }
    const judged = await again(ports, entry);
    accepted += judged.accepted;
    for (const [lane, lines] of judged.byLane) byLane.set(lane, [...(byLane.get(lane) ?? []), ...lines]);
    const [problem] = judged.rejected;
    if (problem !== undefined) errors.push({ ...problem, entry: entry.id });
    else {
      done.push(entry);
      sent.add(entry.id);
    }
  }
  await appendLines(ports.log, byLane);
  return { done, accepted, errors };
};

const again = async (
  ports: AcceptPorts,
  entry: QuarantineEntry,
): Promise<{ byLane: ReadonlyMap<number, readonly Line[]>; accepted: number; rejected: readonly Detail[] }> => {
  const stays = (message: string) => ({ byLane: new Map(), accepted: 0, rejected: [{ message }] });
  if (entry.truncated) return stays('Only its first 512 KB were kept. Send the original again.');
  if (entry.reason === 'fold-failed')
    return stays(saysEvent(entry) ? 'It is in the log, and the batch layer counts it.' : 'It is a line of the log, but not an event. Its bytes are in body.');
  if (entry.reason === 'index-refused') return stays('It is an entity that the search index refused. After a fix, rebuild the index: npm run reindex.');
  if (entry.reason === 'undecodable-record') return stays('It is a record of the log, not an event. Its bytes are in body.');
  let events: Iterable<Submitted>;
  try {
    const schema = entry.type === null ? null : (ports.pipeline.events[entry.type]?.schema ?? null);
    events = await decodeRequest({ type: entry.type, schema, headers: entry.headers, body: originalOf(entry) });
  } catch (error) {
    if (error instanceof Problem) return stays(error.message);
    throw error;
  }
  const { fallbackId } = entry;
  const { accepted, byLane, rejected } = judgeAll(ports, fallbackId === null ? events : Array.from(events, (event) => ({ ...event, fallbackId })));
  return { byLane, accepted, rejected: rejected.flatMap(({ rejection }) => rejection.errors) };
};

/** Whether the batch layer can parse the line as an event. */
const saysEvent = (entry: QuarantineEntry): boolean => {
  try {
    parseEvent(originalOf(entry).toString());
    return true;
  } catch {
    return false;
  }
};

/** Copies first, so that a crash in between leaves an entry in both places rather than in none. */
const moveOut = async (lake: ObjectStore, file: QuarantineFile, done: readonly QuarantineEntry[]): Promise<void> => {
  const key = `${file.key.replace('quarantine/', 'quarantine-replayed/').replace(/\.gz$/, '')}-${done[0]?.id}.gz`;
  await lake.put(key, await promisify(gzip)(Buffer.concat(done.map(encodeEntry))));
  await takeOut(lake, file, done);
};
