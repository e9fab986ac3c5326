import { damages } from '../batch/damage.ts';
import { isWholeFrom } from '../batch/drift.ts';
import { generations } from '../batch/generations.ts';
import { EMPTY_MANIFEST, type Manifest, manifestCache } from '../batch/manifest.ts';
import type { Unread } from '../batch/unread.ts';
import { frontier, type ProgressByShard, readProgress } from '../consume/horizon.ts';
import type { MetricDefinition } from '../definition/definition.ts';
import { windowKeyAt, windowStartMs } from '../definition/windows.ts';
import { readCell } from '../fold/cell.ts';
import { compileMeasures, type NamedMeasure } from '../fold/metric.ts';
import type { Json } from '../measures/measure.ts';
import { measureKind } from '../measures/registry.ts';
import type { CellStore } from '../ports/cell-store.ts';
import { DamagedError } from '../ports/damaged.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { allowance, READ_LIMITS } from '../request/allowance.ts';
import type { CallContext } from '../request/http.ts';
import { notFound } from '../request/problem.ts';
import type { Every } from '../request/steps.ts';
import { cellPartition, definitionKey, definitionsRange, readSliceSort, slicesFrom, windowOfCell } from '../storage/keys.ts';
import { batchReader } from './batch-rows.ts';
import { merging, type Row } from './merge.ts';
import type { Query } from './query.ts';
import { frozenAtMs, rebuilding } from './rebuilding.ts';
import { tilesByFile, tilesOf } from './tiles.ts';

export interface AnswerPorts {
  readonly store: CellStore;
  readonly lake: ObjectStore;
  readonly log: EventLog;
}
export interface Answer {
  readonly metric: string;
  readonly definition: string;
  readonly from: string;
  readonly to: string;
  readonly every: Every;
  /** What differs from the request: the relative range, if it was rounded to the metric's windows; measures with a number that is not exact, unlike its text. */
  readonly rounded?: { readonly from?: string; readonly to?: string; readonly measures?: readonly string[] };
  readonly rows: readonly Row[];
  readonly provenance: Provenance;
  /** Relative standard error of each measure that is estimated. */
  readonly estimates: Readonly<Record<string, number>>;
  /** By how much a count of a `top` may be too low, if that can happen. */
  readonly undercounts?: Readonly<Record<string, number>>;
  /** How many values of a measure were out of range, and are in no row. */
  readonly outOfRange?: Readonly<Record<string, number>>;
}
/** An old definition that can still be queried by its hash. */
export interface Earlier {
  readonly name: string;
  readonly definition: string;
  /** When its folding ended. */
  readonly frozen?: string;
  /** Until when it can be queried. */
  readonly until: string;
}
export interface Readiness {
  readonly stateOf: (metric: string) => { readonly ready: boolean; readonly unread: readonly Unread[] };
  /** The definitions besides the current ones: those of the active generation, or while there is none, those under which anything was folded. */
  readonly earlier: (current: readonly string[]) => Promise<readonly Earlier[]>;
}
/** Where an answer comes from. */
export interface Provenance {
  readonly generation: string | null;
  /** The boundary of the layers: what arrived before comes from the batch layer, what arrived since from the speed layer. */
  readonly horizon: string | null;
  /** The speed layer's watermark: everything that arrived before has been folded. */
  readonly speedThrough: string | null;
  /** Windows of the answer that each layer contributed to. */
  readonly windows: { readonly batch: number; readonly speed: number };
  /** Events of windows with more groups than a cell holds: in totals, but in no group and no filter until the batch layer has them. */
  readonly overflow?: { readonly events: number; readonly incomplete: readonly string[] };
  /** For an old definition: when its folding ended. */
  readonly frozen?: string;
}

const CACHE_BYTES = 64 * 1024 * 1024;

/** Answers from batch(generation) ⊕ speed(cells from the horizon on). If a side cannot be read, that is an error, never a smaller number. */
export const answers = ({ store, lake, log }: AnswerPorts) => {
  const list = generations(store);
  const manifestOf = manifestCache(lake, list);
  const read = batchReader(lake, CACHE_BYTES);
  /** Damage is noted, so that the next run of the batch layer repairs it. */
  const readRows: typeof read = async function* (...asked) {
    try {
      yield* read(...asked);
    } catch (error) {
      if (error instanceof DamagedError)
        await damages(store)
          .note(error)
          .catch(() => {});
      throw error;
    }
  };

  /** The pointer and what it leads to, read as one consistent snapshot. */
  const snapshot = async (): Promise<{ generation: string | null; manifest: Manifest; aggregate: ProgressByShard; speedThroughMs: number | null }> => {
    const active = await list.active();
    const aggregate = await readProgress(store, 'aggregate');
    const arrivals = frontier(await log.shards(), aggregate).map(({ progress }) => progress?.arrivedAtMs ?? null);
    const speedThroughMs = arrivals.includes(null) ? null : Math.min(...arrivals.flatMap((ms) => ms ?? []));
    return { generation: active?.id ?? null, manifest: active === null ? EMPTY_MANIFEST : await manifestOf(active.id), aggregate, speedThroughMs };
  };

  /** A definition by its hash: the active generation's, or one that is still being folded. */
  const definitionOf = async (metric: string): Promise<MetricDefinition> => {
    const { manifest } = await snapshot();
    const known = manifest.metrics[metric]?.definition;
    if (known !== undefined) return known;
    const [stored] = await store.get([definitionKey(metric)]);
    if (stored == null) throw notFound(`There is no definition ${metric}.`);
    return JSON.parse(Buffer.from(stored.body).toString()) as MetricDefinition;
  };

  /** In one snapshot: which of the pipeline's own metrics have all of their history, which fields of it they cannot read, and which other definitions can be queried. */
  const readiness = async (): Promise<Readiness> => {
    const { generation, manifest, aggregate } = await snapshot();
    return {
      stateOf: (metric) => ({
        ready: (generation === null || manifest.metrics[metric] !== undefined) && isWholeFrom(metric, aggregate, manifest.horizonMs),
        unread: manifest.metrics[metric]?.unread ?? [],
      }),
      earlier: async (current) => {
        const known = generation === null ? (await store.query(definitionsRange)).map(({ sort }) => sort) : Object.keys(manifest.metrics);
        return known
          .filter((metric) => !current.includes(metric))
          .sort()
          .map((metric) => {
            const [name = '', definition = ''] = metric.split('@');
            const frozenMs = frozenAtMs(metric, aggregate);
            return { name, definition, ...(frozenMs === null ? {} : { frozen: new Date(frozenMs).toISOString() }), until: 'the next generation is published' };
          });
      },
    };
  };

  /**
   * @param isCurrent whether this is the pipeline's own definition, which is still being folded.
   * @param context how long its caller waits.
   * @throws {Problem} 503 while the definition's history is being recomputed; 404 for an old one that no layer has.
   */
  const answer = async (
    name: string,
    metric: string,
    definition: MetricDefinition,
    isCurrent: boolean,
    query: Query,
    context: CallContext,
  ): Promise<Answer> => {
    const { generation, manifest, aggregate, speedThroughMs } = await snapshot();
    if (generation !== null && manifest.metrics[metric] === undefined && !isCurrent)
      throw notFound(`Definition ${metric} is in no active generation. GET /generations lists those that can be activated.`);
    if ((generation !== null && manifest.metrics[metric] === undefined) || (isCurrent && !isWholeFrom(metric, aggregate, manifest.horizonMs)))
      throw rebuilding(name, metric, aggregate);
    const measures = compileMeasures(definition.measures);
    const asked = query.measures.map((i) => measures[i] as NamedMeasure);
    const allowed = allowance(context, READ_LIMITS);
    const merge = merging(query, asked, allowed);

    const views = manifest.metrics[metric]?.days ?? {};
    const tiles = tilesOf(Object.keys(views), query.fromMs, query.toMs, query.every, query.calendar, definition.window);
    const names = asked.map(({ name: measure }) => measure);
    for (const [file, isWanted] of tilesByFile(views, tiles))
      for await (const rows of readRows(file, manifest.files?.[file], names, allowed))
        for (const { window, startMs, key, events, states } of rows) if (isWanted(window, startMs)) merge.add('batch', startMs, key, events, states);

    const range = { from: windowKeyAt(query.fromMs), to: windowKeyAt(query.toMs) };
    for (const { sort } of await store.query(slicesFrom(metric, manifest.horizonMs))) {
      const { epochMs, shard } = readSliceSort(sort);
      allowed.check();
      for (const cell of await store.query({ partition: cellPartition(metric, epochMs, shard), ...range })) {
        allowed.take('cells', 1);
        allowed.take('cellBytes', cell.body.length);
        const startMs = windowStartMs(windowOfCell(cell.sort));
        const { groups, overflow, shed = [] } = readCell(cell.body);
        const pick = (states: readonly Json[]) => query.measures.map((i) => states[i] ?? null);
        allowed.take('rows', groups.length);
        for (const [key, events, ...states] of groups) merge.add('speed', startMs, key as Json[], events, pick(states));
        if (overflow !== undefined) merge.addOverflow(startMs, overflow[0], pick(overflow.slice(1)), shed);
      }
    }

    const rows = merge.rows(definition.dimensions.map((dimension) => dimension.name));
    const frozenMs = isCurrent ? null : frozenAtMs(metric, aggregate);
    const { inexact, ...caveats } = merge.caveats();
    const rounded = {
      ...(query.rounded === null ? {} : { from: new Date(query.rounded.fromMs).toISOString(), to: new Date(query.rounded.toMs).toISOString() }),
      ...(inexact.length === 0 ? {} : { measures: inexact }),
    };
    return {
      metric: name,
      definition: metric.slice(metric.indexOf('@') + 1),
      from: new Date(query.fromMs).toISOString(),
      to: new Date(query.toMs).toISOString(),
      every: query.every,
      ...(Object.keys(rounded).length === 0 ? {} : { rounded }),
      rows: query.limit === null ? rows : rows.slice(0, query.limit),
      provenance: {
        generation,
        horizon: generation === null ? null : new Date(manifest.horizonMs).toISOString(),
        speedThrough: speedThroughMs === null ? null : new Date(speedThroughMs).toISOString(),
        windows: merge.windows(),
        ...merge.overflow(),
        ...(frozenMs === null ? {} : { frozen: new Date(frozenMs).toISOString() }),
      },
      estimates: Object.fromEntries(
        query.measures.flatMap((i) => {
          const { name: measure, measure: kind } = definition.measures[i] as MetricDefinition['measures'][number];
          const { standardError } = measureKind(kind);
          return standardError === undefined ? [] : [[measure, standardError]];
        }),
      ),
      ...caveats,
    };
  };
  return { answer, definitionOf, readiness, snapshot };
};
export type Answers = ReturnType<typeof answers>;
