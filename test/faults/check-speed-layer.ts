import { isWholeFrom } from '../../shared/batch/drift.ts';
import { generations } from '../../shared/batch/generations.ts';
import { readProgress } from '../../shared/consume/horizon.ts';
import { decodeCell } from '../../shared/fold/cell.ts';
import { compileFold, type Group } from '../../shared/fold/metric.ts';
import { stamp, unstamp } from '../../shared/log/epochs.ts';
import { entityId } from '../../shared/storage/entity-item.ts';
import { cellPartition, metricId, slicesFrom } from '../../shared/storage/keys.ts';
import { scanned } from '../support/scanned.ts';
import type { Machine } from './machine.ts';
import { isCounted, type Position, presented } from './oracle.ts';
import { type PlainMetric, plainPages } from './pipelines.ts';
import type { Reference } from './reference.ts';
import { expectSame } from './same.ts';

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
