import type { MetricDefinition } from '../definition/definition.ts';
import type { WindowSize } from '../definition/windows.ts';
import { inParallel } from '../ports/in-parallel.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Applied } from '../sql/exclusions.ts';
import { namedFields } from '../sql/fields.ts';
import { statesSql } from '../sql/states.ts';
import { viewsRoot } from '../storage/lake.ts';
import { type Chunk, chunksOf } from './chunks.ts';
import type { Journal } from './journal.ts';
import type { LookedUpEvents } from './looked-up-events.ts';
import type { DayViews } from './manifest.ts';
import type { Events, Parsed } from './parts.ts';
import type { RecomputePorts } from './recompute-ports.ts';

interface ViewsTask {
  readonly step: string;
  readonly metric: string;
  readonly definition: MetricDefinition;
  readonly exclusions: readonly Applied[];
  readonly lookedUp: LookedUpEvents;
}
type Days = Readonly<Record<string, DayViews>>;

/** These days, and those that have to be recomputed with them because they share a file. */
export const sharingFiles = (views: Days, days: Iterable<string>): Set<string> => {
  const found = new Set(days);
  const byFile = new Map<string, string[]>();
  for (const [day, sizes] of Object.entries(views)) for (const file of Object.values(sizes).flat()) byFile.set(file, [...(byFile.get(file) ?? []), day]);
  // A set that grows while it is iterated is iterated to its end.
  for (const day of found) for (const file of Object.values(views[day] ?? {}).flat()) for (const other of byFile.get(file) ?? []) found.add(other);
  return found;
};

/**
 * Computes a metric's states of some days of parsed events: all of these days' events, or those of new parts, whose states
 * are then merged with the stored ones by every reader.
 */
export const computeViews = async (
  { engine, lake, parallel }: Pick<RecomputePorts, 'engine' | 'lake' | 'parallel'>,
  journal: Journal,
  events: Events,
  { step, metric, definition, exclusions, lookedUp }: ViewsTask,
  parsed: Parsed,
  days: readonly string[],
  only?: readonly string[],
): Promise<Record<string, DayViews>> => {
  const views: Record<string, Partial<Record<WindowSize, string[]>>> = {};
  const chunks = chunksOf(only === undefined ? parsed : ofRuns(parsed, only), definition.event, days, engine.rowsPerQuery);
  await inParallel(parallel, [...chunks.entries()], async ([i, chunk]) => {
    const written = await journal.step(`${step} ${i}`, async (attempt) => {
      const relation = await events(parsed, { type: definition.event, ...chunk }, namedFields(definition), only);
      const lookUp = await lookedUp(definition, chunk.days);
      const run = await attempt(viewsRoot(metric), (prefix, _, started) =>
        engine.unload(
          statesSql(engine.dialect, definition, relation, lookUp, exclusions, chunk.packs),
          { prefix, partitionBy: ['window_size', 'window_day'] },
          started,
        ),
      );
      return filesOf(lake, viewsRoot(metric)(run));
    });
    addFiles(views, chunk, written);
  });
  return views;
};

/** The parsed events of some runs alone. */
const ofRuns = ({ events, ...parsed }: Parsed, runs: readonly string[]): Parsed => ({
  ...parsed,
  events: Object.fromEntries(
    Object.entries(events).map(([type, days]) => [
      type,
      Object.fromEntries(Object.entries(days).map(([day, some]) => [day, some.filter((run) => runs.includes(run))])),
    ]),
  ),
});

interface ViewFile {
  readonly key: string;
  readonly size: WindowSize;
  readonly from: string;
}
/** The files under window_size=…/window_day=…/. */
const filesOf = async (lake: ObjectStore, prefix: string): Promise<ViewFile[]> => {
  const files: ViewFile[] = [];
  for await (const { key, bytes } of lake.list(prefix, '')) {
    const [, size, from] = /window_size=([^/]+)\/window_day=([^/]+)\//.exec(key) ?? [];
    if (size !== undefined && from !== undefined && bytes > 0) files.push({ key, size: size as WindowSize, from });
  }
  return files;
};

/** Names each file in each of the days that are packed into it. */
const addFiles = (views: Record<string, Partial<Record<WindowSize, string[]>>>, { days, packs }: Chunk, files: readonly ViewFile[]): void => {
  for (const day of days) {
    const sizes = (views[day] ??= {});
    const pack = packs.find(({ from, to }) => from <= day && day <= to);
    for (const { key, size, from } of files) if (from === pack?.from) sizes[size] = [...(sizes[size] ?? []), key];
  }
};

/** Stored views with those of new parts beside them. */
export const besides = (stored: DayViews | undefined, added: DayViews | undefined): DayViews => {
  const views: Partial<Record<WindowSize, readonly string[]>> = { ...stored };
  for (const [size, files] of Object.entries(added ?? {})) views[size as WindowSize] = [...(views[size as WindowSize] ?? []), ...files];
  return views;
};
