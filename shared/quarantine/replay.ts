import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import { parseTime } from '../definition/times.ts';
import { type AcceptPorts, appendLines, judgeAll } from '../ingest/accept.ts';
import { decodeRequest } from '../ingest/decode-request.ts';
import { encodeEntry, originalOf, type QuarantineEntry } from '../ingest/quarantine-entry.ts';
import { REASONS, type Submitted } from '../ingest/submitted.ts';
import type { Line } from '../log/record.ts';
import { parseEvent } from '../log/stored-event.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { type Detail, Problem } from '../request/problem.ts';
import { CODES } from './hints.ts';
import { DAMAGE, type Damage, FAST, MAX_DAMAGED, MAX_READ, type QuarantineFile, quarantineFiles, type Selection, takeOut } from './quarantine-files.ts';

/** The body of POST /quarantine/replay; all entries by default. */
export const REPLAY_REQUEST = z.strictObject({
  from: z.iso.datetime({ offset: true }).optional().describe('Received at this time or later.'),
  to: z.iso.datetime({ offset: true }).optional().describe('Received before this time.'),
  reason: z.enum(REASONS).optional(),
  path: z.string().max(1_024).optional().describe('Where one of the errors is, as GET /quarantine?by=reason,path names it.'),
  code: z.enum(CODES).optional().describe('What that error is, as it names it.'),
  ids: z.array(z.string()).max(1_000).optional().describe('Entries by id.'),
  after: z
    .string()
    .max(1_024)
    .regex(/^quarantine\/.+#\d{1,9}$/)
    .optional()
    .describe('Continues where an answer with `more` stopped, by its `next`; without it, entries that stay are tried again.'),
});

/** What a replay did. */
export const REPLAYED = z.object({
  accepted: z.int().describe('Events that are now in the log.'),
  replayed: z.int().describe('Entries of which everything was accepted, and that left the quarantine.'),
  remaining: z
    .int()
    .describe(
      'Entries that stay in quarantine: rejected again, truncated, or records of the log. With `more`, also those not tried of the file at which it stopped.',
    ),
  errors: z.array(z.object({ entry: z.string(), index: z.int().optional(), path: z.string().optional(), message: z.string() })).describe('Why some stay.'),
  damaged: z.array(DAMAGE).describe('Files that cannot be read completely; what cannot be read stays as it is.'),
  more: z.boolean().describe('Whether some were not tried yet, since the time for an answer was over: call again, with `after`.'),
  next: z.string().nullable().describe('The `after` of the next call; null if there is nothing more to try.'),
});
export type Replayed = z.infer<typeof REPLAYED>;

/**
 * Sends quarantined entries again, as they came, through the same checks. Accepted ones move to quarantine-replayed/.
 * Idempotent: an event keeps the id that it was given at first, so a replay that is interrupted and repeated counts it once.
 * It stops when the time is nearly over: what was accepted is moved, and another call continues at `next`.
 * @param msLeft how long the caller still waits.
 */
export const replay = async (
  ports: AcceptPorts & { lake: ObjectStore },
  { from, to, reason, path, code, ids, after }: z.infer<typeof REPLAY_REQUEST>,
  msLeft: () => number,
): Promise<Replayed> => {
  const { lake, clock } = ports;
  const selection: Selection = {
    fromMs: from === undefined ? 0 : (parseTime(from) ?? 0),
    toMs: to === undefined ? clock() + 1 : (parseTime(to) ?? 0),
    reasons: reason === undefined ? REASONS : [reason],
    path: path ?? null,
    code: code ?? null,
    limit: MAX_READ,
  };
  const errors: Replayed['errors'][number][] = [];
  const damaged: Damage[] = [];
  let [accepted, replayed, remaining] = [0, 0, 0];
  const answer = (next: string | null): Replayed => ({ accepted, replayed, remaining, errors, damaged, more: next !== null, next });
  /** Entries with the same bytes as one that has been sent again already. */
  const sent = new Set<string>();
  const begin = after === undefined ? null : readPlace(after);
  for await (const file of quarantineFiles(lake, selection, begin?.key ?? null)) {
    if (damaged.length >= MAX_DAMAGED || remaining >= MAX_READ) return answer(placeOf(file, 0));
    damaged.push(...file.damage);
    const entries = ids === undefined ? file.entries : file.entries.filter(({ id }) => ids.includes(id));
    const done: QuarantineEntry[] = [];
    let tried = file.key === begin?.key ? begin.tried : 0;
    let isOver = false;
    for (const some of batchesOf(entries.slice(tried))) {
      isOver = msLeft() < SPARE_MS;
      if (isOver) break;
      const outcome = await sendAgain(ports, some, sent);
      done.push(...outcome.done);
      tried += some.length;
      accepted += outcome.accepted;
      errors.push(...outcome.errors.slice(0, MAX_ERRORS - errors.length));
    }
    replayed += done.length;
    remaining += entries.length - done.length;
    if (done.length > 0) await moveOut(lake, file, done);
    // Another file would have to be read, which takes as long as this call may have left.
    if (isOver) return answer(placeOf(file, tried - done.length));
  }
  return answer(null);
};

/** Where the next call begins: at a file, after so many of its entries that were tried and stay. */
const placeOf = ({ key }: QuarantineFile, tried: number): string => `${key}#${tried}`;
const readPlace = (place: string) => {
  const end = place.lastIndexOf('#');
  return { key: place.slice(0, end), tried: Number(place.slice(end + 1)) };
};

/** Entries whose events go to the log at once. An entry may be a whole request. */
const AT_ONCE = { entries: 500, characters: 8_000_000 };
/** The time reserved for moving a file's entries, once the time for sending is over: the file may have 64 MB, which are compressed anew. */
const SPARE_MS = 8_000;
const MAX_ERRORS = 100;

const batchesOf = (entries: readonly QuarantineEntry[]): QuarantineEntry[][] => {
  const all: QuarantineEntry[][] = [];
  let characters = 0;
  for (const entry of entries) {
    const last = all.at(-1);
    characters += entry.body.length;
    if (last !== undefined && last.length < AT_ONCE.entries && characters <= AT_ONCE.characters) last.push(entry);
    else {
      all.push([entry]);
      characters = entry.body.length;
    }
  }
  return all;
};

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
  await lake.put(key, await promisify(gzip)(Buffer.concat(done.map(encodeEntry)), { level: FAST }));
  await takeOut(lake, file, done);
};
