import { gunzipSync } from 'node:zlib';
import { readHorizon } from '../../shared/consume/horizon.ts';
import { canonicalTime } from '../../shared/definition/times.ts';
import { REASONS } from '../../shared/ingest/submitted.ts';
import { stamp } from '../../shared/log/epochs.ts';
import { quarantineRoot } from '../../shared/storage/lake.ts';
import type { Machine } from './machine.ts';
import { isCounted, nameOf, type Position } from './oracle.ts';
import { DUPLICATE_WINDOW_MS } from './plan.ts';
import type { Request, Sent } from './requests.ts';
import { expectSame } from './same.ts';

const linesIn = async (machine: Machine, prefix: string): Promise<string[]> => {
  const lines: string[] = [];
  for await (const { key } of machine.lake.list(prefix, '')) {
    const bytes = await machine.lake.get(key);
    if (bytes !== null)
      lines.push(
        ...gunzipSync(bytes)
          .toString()
          .split('\n')
          .filter((line) => line !== ''),
      );
  }
  return lines;
};

/** Whatever was acknowledged is in the log, as it was sent, and nothing that nobody sent; whatever was rejected is in quarantine. */
export const checkAccount = async (machine: Machine, positions: readonly Position[]): Promise<void> => {
  const stored = new Map<string, Set<string>>();
  const note = (all: Map<string, Set<string>>, name: string, text: string) => all.set(name, (all.get(name) ?? new Set()).add(text));
  for (const { event } of positions) note(stored, nameOf(event), JSON.stringify([event.type, event.time, event.data]));
  const sent = new Map<string, Set<string>>();
  const textsOf = (one: Sent) => JSON.stringify([one.type, canonicalTime(one.at)?.text, one.data]);
  for (const { good } of machine.acknowledged) for (const one of good) note(sent, nameOf(one), textsOf(one));
  // A client that went away knows of none of its events whether they were taken.
  for (const { good } of machine.unknown) for (const one of good) if (stored.get(nameOf(one))?.has(textsOf(one))) note(sent, nameOf(one), textsOf(one));
  const plain = (all: Map<string, Set<string>>) => Object.fromEntries([...all].map(([name, texts]) => [name, [...texts].sort()]));
  expectSame('the events in the log against those acknowledged', plain(stored), plain(sent));

  const kept = new Set<string>();
  for (const reason of REASONS)
    for (const line of await linesIn(machine, quarantineRoot(reason))) {
      const { body } = JSON.parse(line) as { body: string };
      kept.add(`${reason} ${body}`);
    }
  const missing = machine.acknowledged.flatMap(({ bad }) => bad).filter(({ reason, body }) => !kept.has(`${reason} ${body}`));
  expectSame('rejected events that are not in quarantine', missing, []);
};

/** Each event that was acknowledged counts exactly once, one whose client went away at most once, but for what came again later than the window. */
export const checkOnce = (machine: Machine, positions: readonly Position[], horizonMs: number): void => {
  const counted = new Map<string, number>();
  const last = new Map<string, number>();
  const late = new Set<string>();
  for (const position of positions) {
    const name = nameOf(position.event);
    if (isCounted(position, horizonMs)) counted.set(name, (counted.get(name) ?? 0) + 1);
    if (position.epochMs - (last.get(name) ?? position.epochMs) > DUPLICATE_WINDOW_MS) late.add(name);
    last.set(name, position.epochMs);
  }
  const isWrong = (name: string) => counted.get(name) !== 1 && !(late.has(name) && counted.has(name));
  const namesOf = (requests: readonly Request[]) => requests.flatMap(({ good }) => good.map(nameOf));
  expectSame('acknowledged events that do not count once', namesOf(machine.acknowledged).filter(isWrong), []);
  expectSame(
    'events of clients that went away and that count twice',
    namesOf(machine.unknown).filter((name) => counted.has(name) && isWrong(name)),
    [],
  );
};

/** The lake before the horizon holds the log before it: every line, at its own place, with its own epoch. */
export const checkArchive = async (machine: Machine, positions: readonly Position[]): Promise<void> => {
  const horizonMs = (await readHorizon(machine.log, machine.store)).atMs;
  const archived = new Map<string, string>();
  for (const line of await linesIn(machine, 'raw/')) {
    const found = /^\{"epoch":(\d+),"shard":"([^"]+)","seq":"(\d+)","line":(\d+),"event":(.*)\}$/.exec(line);
    if (found === null) throw new Error(`Expected a line of the lake, got ${line}`);
    const [, epoch, shard, seq, at, event = ''] = found;
    if (Number(epoch) < horizonMs && isJson(event)) archived.set(`${stamp(Number(epoch))} ${shard} ${seq} ${at}`, JSON.stringify(JSON.parse(event)));
  }
  const expected = positions.filter(({ epochMs }) => epochMs < horizonMs);
  expectSame(
    `the lake before ${new Date(horizonMs).toISOString()} against the log`,
    Object.fromEntries(archived),
    Object.fromEntries(
      expected.map(({ epochMs, shard, seq, line, event }): [string, string] => [`${stamp(epochMs)} ${shard} ${seq} ${line}`, JSON.stringify(event)]),
    ),
  );
};
const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Every record that could not be read stands in quarantine. */
export const checkUndecodable = async (machine: Machine): Promise<void> => {
  const places = new Set(
    (await linesIn(machine, quarantineRoot('undecodable-record'))).map((line) => (JSON.parse(line) as { errors: { path: string }[] }).errors[0]?.path),
  );
  for (const { id, records } of machine.log.all)
    for (const { sequenceNumber, data } of records) {
      const text = Buffer.from(data).toString();
      if (text === 'not gzip') expectSame(`that the record ${id}:${sequenceNumber} is in quarantine`, places.has(`${id}:${sequenceNumber}`), true);
    }
};
