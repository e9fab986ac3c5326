import { randomUUID } from 'node:crypto';
import type { Pipeline } from '../definition/define.ts';
import { type Lanes, laneReader } from '../log/lane.ts';
import { encodeRecords, type Line } from '../log/record.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeliveryStream } from '../ports/delivery-stream.ts';
import type { EventLog, NewRecord } from '../ports/event-log.ts';
import { judge } from './judge.ts';
import { encodeEntry, type QuarantineEntry, sentEntry } from './quarantine-entry.ts';
import { originalBytes, type Rejection, type Submitted } from './submitted.ts';

export interface AcceptPorts {
  readonly pipeline: Pipeline;
  readonly log: EventLog;
  readonly quarantine: DeliveryStream;
  readonly lanes: Lanes;
  readonly clock: Clock;
}

/** Validates every event: how many are accepted, their lines by lane, and those to reject. */
export const judgeAll = ({ pipeline, lanes, clock }: Pick<AcceptPorts, 'pipeline' | 'lanes' | 'clock'>, events: Iterable<Submitted>) => {
  const nowMs = clock();
  // Under a key that is made here, or given by the client, a request is noted as one.
  const key = randomUUID();
  const laneOf = laneReader(lanes);
  let accepted = 0;
  const byLane = new Map<number, Line[]>();
  const rejected: { event: Submitted; rejection: Rejection }[] = [];
  for (const event of events) {
    const judged = judge(event, pipeline, nowMs, key);
    if ('reason' in judged) {
      rejected.push({ event, rejection: judged });
      continue;
    }
    accepted++;
    const lane = laneOf(judged.source, judged.id);
    const lines = byLane.get(lane);
    if (lines === undefined) byLane.set(lane, [judged.line]);
    else lines.push(judged.line);
  }
  return { accepted, byLane, rejected };
};

/** Appends lines as records. @throws {LogUnavailableError} */
export const appendLines = async (log: EventLog, byLane: ReadonlyMap<number, readonly Line[]>): Promise<void> => {
  const records = [...byLane].flatMap(([lane, lines]) => encodeRecords(lines, log.coding).map((data): NewRecord => ({ lane, data })));
  if (records.length > 0) await log.append(records);
};

/**
 * Stores events: accepted ones durably in the log, rejected ones durably in quarantine. Quarantine comes first, so that a
 * failure between the two leaves a second copy there rather than a second event in the log.
 * @throws {LogUnavailableError} if the log could not take all of them; retried with the same ids, they count once.
 */
export const accept = async (ports: AcceptPorts, events: Iterable<Submitted>): Promise<{ accepted: number; rejections: readonly Rejection[] }> => {
  const { accepted, byLane, rejected } = judgeAll(ports, events);
  if (rejected.length > 0) {
    const nowMs = ports.clock();
    await ports.quarantine.deliver(rejected.map(({ event, rejection }) => encodeEntry(entryOf(event, rejection, nowMs))));
  }
  await appendLines(ports.log, byLane);
  return { accepted, rejections: rejected.map(({ rejection }) => rejection) };
};

/** An event without an id gets that of its entry, so that replays of it count once. */
const entryOf = (event: Submitted, rejection: Rejection, nowMs: number): QuarantineEntry => {
  const entry = sentEntry(rejection, originalBytes(event), nowMs, { type: event.type, fallbackId: event.fallbackId, headers: headersOf(event) });
  return { ...entry, fallbackId: entry.fallbackId ?? entry.id };
};

const headersOf = ({ type }: Submitted) => ({ 'content-type': type === null ? 'application/cloudevents+json' : 'application/json' });
