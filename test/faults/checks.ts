import { gunzipSync } from 'node:zlib';
import { isWholeFrom } from '../../shared/batch/drift.ts';
import { generations } from '../../shared/batch/generations.ts';
import { EMPTY_MANIFEST, readManifest } from '../../shared/batch/manifest.ts';
import { readHorizon, readProgress } from '../../shared/consume/horizon.ts';
import { canonicalTime } from '../../shared/definition/times.ts';
import { batchSizes } from '../../shared/definition/windows.ts';
import { decodeCell } from '../../shared/fold/cell.ts';
import { compileFold, type Group } from '../../shared/fold/metric.ts';
import { REASONS } from '../../shared/ingest/submitted.ts';
import { stamp, unstamp } from '../../shared/log/epochs.ts';
import { entityId } from '../../shared/storage/entity-item.ts';
import { cellPartition, metricId, slicesFrom } from '../../shared/storage/keys.ts';
import { linkKey, quarantineRoot } from '../../shared/storage/lake.ts';
import { scanned } from '../support/scanned.ts';
import type { Machine } from './machine.ts';
import { isCounted, nameOf, type Position, presented } from './oracle.ts';
import { type PlainMetric, plainPages } from './pipelines.ts';
import { DUPLICATE_WINDOW_MS } from './plan.ts';
import type { Reference } from './reference.ts';
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

/** Every cell that a generation may still need reads, and holds exactly the events of its epoch, shard, window and groups. */
export const checkCells = async (machine: Machine, positions: readonly Position[], reference: Reference): Promise<void> => {
  const ready = (await generations(machine.store).list()).filter(({ state }) => state === 'published');
  const oldest = Math.min(...ready.map(({ plan }) => plan?.horizonMs ?? 0));
  const progress = await readProgress(machine.store, 'aggregate');
  for (const metric of machine.variant().metrics) {
    const { definition, hash } = machine.variant().pipeline.metrics[metric.name] as { definition: Parameters<typeof compileFold>[0]; hash: string };
    const id = metricId({ name: metric.name, hash });
    const keptFrom = machine.plan.cellsKeptMs === null ? 0 : machine.now() - machine.plan.cellsKeptMs + 1;
    const since = Math.max(Number.isFinite(oldest) ? oldest : 0, keptFrom, ...[...progress.values()].map((one) => one.metrics[id]?.sinceMs ?? 0));
    if (!isWholeFrom(id, progress, since)) continue;
    const fold = compileFold(definition);
    const held = new Map<string, { readonly bucket: string | undefined; readonly group: Group }>();
    for (const slice of await machine.store.query(slicesFrom(id, since))) {
      const [epoch = '', sliced = ''] = slice.sort.split('#');
      const [shard = ''] = sliced.split('.');
      // Stamps have no milliseconds.
      if (unstamp(epoch) < since) continue;
      for (const cell of await machine.store.query({ partition: cellPartition(id, unstamp(epoch), sliced), from: '', to: '~' })) {
        const { groups, overflow } = decodeCell(fold, cell.body);
        expectSame(`overflow of ${cell.sort}`, overflow, null);
        for (const [key, group] of groups) {
          const name = `${epoch} ${shard} ${cell.sort.split('#')[0]} ${key}`;
          const bucket = cell.sort.split('#')[1];
          const before = held.get(name);
          // Only parts of one cell may hold the same group.
          expectSame(`buckets that hold ${name}`, before?.bucket ?? bucket, bucket);
          if (before === undefined) held.set(name, { bucket, group });
          else {
            fold.merge(before.group, group);
            machine.note('groups in several parts', 1);
          }
        }
      }
    }
    const found = new Map(
      [...held].map(([name, { group }]) => [
        name,
        { n: group.events, ...Object.fromEntries(fold.measures.map(({ name: measure, measure: { present } }, i) => [measure, present(group.states[i])])) },
      ]),
    );
    expectSame(
      `the cells of ${metric.name} from ${new Date(since).toISOString()} on`,
      Object.fromEntries(found),
      expectedCells(metric, positions, reference, since),
    );
    machine.note('cells checked', found.size);
  }
};
const expectedCells = (metric: PlainMetric, positions: readonly Position[], reference: Reference, sinceMs: number): Record<string, unknown> => {
  const groups = new Map<string, Position['event'][]>();
  for (const position of positions) {
    const { epochMs, shard } = position;
    const event = reference.seen(position, 'live');
    if (epochMs < sinceMs || position.isRepeated) continue;
    const startMs = Date.parse(event.time) - (Date.parse(event.time) % metric.windowMs);
    for (const one of metric.counted(event)) {
      const key = JSON.stringify(Object.values(metric.dimensions).map((of) => of(one)));
      const name = `${stamp(epochMs)} ${shard} ${new Date(startMs).toISOString().slice(0, 16)} ${key}`;
      groups.set(name, [...(groups.get(name) ?? []), one]);
    }
  }
  return Object.fromEntries([...groups].map(([name, events]) => [name, { n: events.length, ...presented(metric, events) }]));
};

/** Each entity is what a plain fold makes of its events. No batch layer takes it over: what came again too late counts for good. */
export const checkEntities = async (machine: Machine, positions: readonly Position[]): Promise<void> => {
  const { page } = machine.variant().pipeline.entities;
  const found = new Map<string, unknown>();
  for (const { key, fields, deleted } of await scanned(machine.entities, entityId(page as { name: string; hash: string })))
    found.set(key, deleted ? 'gone' : fields);
  // A repair makes them of what the batch layer counts.
  const events = positions.filter((position) => isCounted(position, position.isPast ? Number.POSITIVE_INFINITY : 0)).map(({ event }) => event);
  expectSame('the entities', Object.fromEntries(found), Object.fromEntries(plainPages(events)));
  machine.note('entities checked', found.size);
};

/** A generation that somebody asked for holds what the log held then. Where clocks differ nobody can say so. */
export const checkRequested = async (machine: Machine, positions: readonly Position[]): Promise<void> => {
  if (!machine.plan.isEmbedded) return;
  for (const { id, state, plan } of await generations(machine.store).list()) {
    const held = machine.requested.get(id);
    if (held === undefined || plan === null || state === 'failed') continue;
    const missing = positions.filter(({ shard, record, epochMs }) => record < (held.get(shard) ?? 0) && epochMs >= plan.horizonMs);
    const places = missing.map(({ shard, seq, line }) => `${shard} ${seq} ${line}`);
    expectSame(`what ${id}, up to ${new Date(plan.horizonMs).toISOString()}, lacks of what was there when it was asked for`, places, []);
  }
};

/** Whatever may be activated can be read, nothing drifted, and what other tools read is the active generation. */
export const checkGenerations = async (machine: Machine): Promise<{ horizonMs: number; holds: ReadonlySet<string> }> => {
  const list = generations(machine.store);
  const active = await list.active();
  for (const { id, state, drift } of await list.list()) {
    for (const [metric, { drift: difference }] of Object.entries(drift)) expectSame(`the drift of ${metric} in ${id}`, difference ?? 0, 0);
    if (id === active?.id) expectSame(`that ${id}, which is active and ${state}, is published`, state === 'published' || state === 'running', true);
    if (state !== 'published') continue;
    const { metrics } = await readManifest(machine.lake, list, id);
    for (const file of Object.values(metrics).flatMap(({ days }) => Object.values(days).flatMap((sizes) => Object.values(sizes).flat())))
      expectSame(`that ${file} of ${id} is there`, (await machine.lake.get(file)) !== null, true);
  }
  const manifest = active === null ? EMPTY_MANIFEST : await readManifest(machine.lake, list, active.id);
  return { horizonMs: manifest.horizonMs, holds: new Set(Object.keys(manifest.metrics)) };
};

/** Whatever was published is listed, and in the end the generation is looked up in the latest. */
export const checkReference = async (machine: Machine, { versions, latest }: Reference, isLast: boolean): Promise<void> => {
  expectSame(
    'published tables that are not listed',
    machine.published.filter((id) => !versions.includes(id)),
    [],
  );
  const list = generations(machine.store);
  const active = await list.active();
  if (isLast && active !== null)
    expectSame('the revision that the last generation is looked up in', (await readManifest(machine.lake, list, active.id)).lookups ?? 0, latest);
};

/** The links of other tools lead to the active generation's files, to each once, and to no others. */
export const checkLinks = async (machine: Machine): Promise<void> => {
  const list = generations(machine.store);
  const active = await list.active();
  if (active === null) return;
  const { metrics } = await readManifest(machine.lake, list, active.id);
  for (const metric of Object.values(machine.variant().pipeline.metrics)) {
    for (const size of batchSizes(metric.definition.window)) {
      const links = Buffer.from((await machine.lake.get(linkKey(metric.name, size))) ?? [])
        .toString()
        .split('\n')
        .slice(0, -1);
      const files = new Set(Object.values(metrics[metricId(metric)]?.days ?? {}).flatMap((sizes) => (sizes[size] ?? []).map((file) => `s3://lake/${file}`)));
      expectSame(`the links of ${metric.name} by ${size}`, links.sort(), [...files].sort());
    }
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
