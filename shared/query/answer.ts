import { isWholeFrom } from '../batch/drift.ts';
import type { Generation } from '../batch/generations.ts';
import type { MetricDefinition } from '../definition/definition.ts';
import { compareText } from '../definition/text.ts';
import { allowance, READ_LIMITS } from '../request/allowance.ts';
import type { CallContext } from '../request/http.ts';
import { notFound, within } from '../request/problem.ts';
import { definitionKey, definitionsRange } from '../storage/keys.ts';
import type { Answer, Asked, DimensionValues, Provenance, Readiness } from './answered.ts';
import { isoOf } from './arrived.ts';
import { demandCells } from './behind.ts';
import { type AnswerPorts, type Cut, cutting } from './cut.ts';
import { gathering } from './gather.ts';
import { knownTimes } from './known-times.ts';
import { wholeRange } from './panes.ts';
import { type CellsRead, pinnedText, pinOf } from './pinned.ts';
import { layerReader } from './read.ts';
import { frozenAtMs, rebuilding } from './rebuilding.ts';
import { type Finished, workOf } from './work.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** Answers from both layers. */
export const answers = (ports: AnswerPorts) => {
  const { store } = ports;
  const snapshot = cutting(ports);
  const layers = layerReader(ports);

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
      timesOf: (metric, event) => knownTimes({ manifest, aggregate }, metric, event),
      earlier: async (current) => {
        const known = generation === null ? (await store.query(definitionsRange)).map(({ sort }) => sort) : Object.keys(manifest.metrics);
        return known
          .filter((metric) => !current.includes(metric))
          .sort()
          .map((metric) => {
            const [name = '', definition = ''] = metric.split('@');
            const frozenMs = frozenAtMs(metric, aggregate);
            return { name, definition, ...(frozenMs === null ? {} : { frozen: iso(frozenMs) }), until: 'the next generation is published' };
          });
      },
    };
  };

  /** @throws {Problem} 503 while the definition's history is being recomputed; 404 for an old one that no layer has. */
  const demandHistory = ({ generation, manifest, aggregate }: Cut, { name, metric, isCurrent }: Asked): void => {
    if (generation !== null && manifest.metrics[metric] === undefined && !isCurrent)
      throw notFound(`Definition ${metric} is in no active generation. GET /generations lists those that can be activated.`);
    if ((generation !== null && manifest.metrics[metric] === undefined) || (isCurrent && !isWholeFrom(metric, aggregate, manifest.horizonMs)))
      throw rebuilding(name, metric, aggregate);
  };

  /**
   * Answers all of the questions at one cut: each file of views and each cell is read once for all of them.
   * @param context how long their caller waits.
   * @throws {Problem}
   */
  const answer = async (questions: readonly Asked[], context: CallContext): Promise<readonly Answer[]> => {
    const cut = await snapshot();
    await demandCells(ports, cut);
    const allowed = allowance(context, READ_LIMITS);
    const works = questions.map((asked) =>
      within(asked.label, () => {
        demandHistory(cut, asked);
        return { asked, ...workOf(asked.plan, asked.definition, allowed) };
      }),
    );
    const cells = new Map<string, CellsRead>();
    for (const [metric, definition] of new Map(questions.map((asked) => [asked.metric, asked.definition]))) {
      const gathers = works.filter(({ asked }) => asked.metric === metric).flatMap((work) => work.gathers);
      await layers.batch(cut, metric, definition, gathers, allowed);
      cells.set(metric, await layers.speed(cut, metric, gathers, allowed));
    }
    const published = works.some(({ asked }) => asked.plan.splits !== null) ? await cut.published() : null;
    return works.map(({ asked, finish }) =>
      within(asked.label, () => {
        const { first } = knownTimes(cut, asked.metric, asked.definition.event);
        const known = { speedThroughMs: cut.speedThroughMs, horizonMs: cut.manifest.horizonMs, firstMs: first === null ? null : Date.parse(first) };
        return written(asked, finish(known), cut, published, cells.get(asked.metric) ?? null);
      }),
    );
  };

  /** The values of one dimension, with how many events have each, the most frequent first. @throws {Problem} */
  const values = async (asked: Asked, limit: number, context: CallContext): Promise<DimensionValues> => {
    const cut = await snapshot();
    await demandCells(ports, cut);
    const allowed = allowance(context, READ_LIMITS);
    demandHistory(cut, asked);
    const { plan, metric, definition } = asked;
    const gathered = gathering(plan, plan.by, plan.range, wholeRange(plan.range), [], [], true, allowed);
    await layers.batch(cut, metric, definition, [gathered], allowed);
    await layers.speed(cut, metric, [gathered], allowed);
    const groups = [...gathered.groups()].sort((a, b) => b.events - a.events || compareText(String(a.key[0]), String(b.key[0])));
    return {
      metric: asked.name,
      dimension: plan.by[0]?.name ?? '',
      total: groups.length,
      values: groups.slice(0, limit).map(({ key: [value = null], events }) => ({ value, count: events })),
      provenance: provenanceOf(asked, gathered.windows(), gathered.overflow(), cut),
    };
  };
  return { answer, values, definitionOf, readiness };
};
export type Answers = ReturnType<typeof answers>;

const written = (asked: Asked, finished: Finished, cut: Cut, published: Generation | null, cells: CellsRead | null): Answer => {
  const { name, metric, plan } = asked;
  const { rows, totals, caveats, windows, overflow, late, estimates } = finished;
  const { inexact, ...noted } = caveats;
  const definition = metric.slice(metric.indexOf('@') + 1);
  // Nothing more is folded under an old definition, so positions say nothing about its cells.
  const pinned = cells === null || !asked.isCurrent ? null : pinnedText(pinOf(cut, definition, cells, overflow));
  const rounded = {
    ...(plan.rounded === null ? {} : { from: iso(plan.rounded.fromMs), to: iso(plan.rounded.toMs) }),
    ...(inexact.length === 0 || plan.numbers === 'text' ? {} : { measures: inexact }),
  };
  return {
    metric: name,
    definition,
    from: iso(plan.range.fromMs),
    to: iso(plan.range.toMs),
    every: plan.every,
    ...(Object.keys(rounded).length === 0 ? {} : { rounded }),
    ...(plan.compare === null ? {} : { compare: { from: iso(plan.compare.fromMs), to: iso(plan.compare.toMs) } }),
    rows,
    ...(totals === null ? {} : { totals }),
    provenance: {
      ...provenanceOf(asked, windows, overflow, cut),
      cut: pinned,
      ...(late === null ? {} : { publishedAt: isoOf(published?.publishedAtMs ?? null), drift: published?.drift[metric]?.drift ?? null, late }),
    },
    estimates,
    ...noted,
  };
};

const provenanceOf = (
  { metric, isCurrent }: Asked,
  windows: Finished['windows'],
  overflow: Finished['overflow'],
  { generation, manifest, aggregate, speedThroughMs }: Cut,
): Provenance => {
  const frozenMs = isCurrent ? null : frozenAtMs(metric, aggregate);
  return {
    generation,
    horizon: generation === null ? null : iso(manifest.horizonMs),
    speedThrough: speedThroughMs === null ? null : iso(speedThroughMs),
    windows,
    ...(overflow === null ? {} : { overflow }),
    ...(frozenMs === null ? {} : { frozen: iso(frozenMs) }),
  };
};
