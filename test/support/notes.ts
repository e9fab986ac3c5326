import { z } from 'zod';
import { count, definePipeline, entity, event, latest, metric, sum } from '../../shared/pipeline.ts';
import type { Random } from '../../testing/random.ts';
import type { System } from './system.ts';

const note = event(z.object({ id: z.string(), at: z.iso.datetime(), doc: z.string(), n: z.int() }), { time: 'at', id: 'id' });
/** One kind of event, a metric, and an entity that is searched. */
export const pipeline = definePipeline({
  events: { note },
  metrics: { notes: metric(note, { dimensions: { doc: note.doc }, measures: { notes: count(), n: sum(note.n) } }) },
  entities: { doc: entity(note, { key: note.doc, fields: { title: latest(note.doc), notes: count(), n: sum(note.n) }, search: ['title'] }) },
});
export const NOW = Date.parse('2026-11-21T10:00:30.000Z');
const DOCS = ['alpha', 'beta', 'gamma', 'delta'];

export interface Note {
  readonly id: string;
  readonly at: string;
  readonly doc: string;
  readonly n: number;
}
export const notesOf = (r: Random, name: string, many: number): Note[] =>
  Array.from({ length: many }, (_, i) => ({
    id: `${name}-${i}`,
    at: new Date(NOW - r.integer(0, 3 * 86_400_000)).toISOString(),
    doc: r.pick(DOCS),
    n: r.integer(-5, 9),
  }));

export const postNotes = async (world: System, notes: readonly Note[]): Promise<void> => {
  const { status, text } = await world.post('/events/note', JSON.stringify(notes), {});
  if (status !== 202) throw new Error(`Expected 202, got ${status}: ${text}`);
};

type Sums = Readonly<Record<string, readonly [notes: number, n: number]>>;
/** What every side must answer: each id once. */
export const sumsOf = (notes: Iterable<Note>): Sums => {
  const sums: Record<string, [number, number]> = {};
  for (const { doc, n } of new Map([...notes].map((one) => [one.id, one])).values()) {
    const sum = (sums[doc] ??= [0, 0]);
    sum[0]++;
    sum[1] += n;
  }
  return Object.fromEntries(Object.entries(sums).sort(([a], [b]) => (a < b ? -1 : 1)));
};

/** What is wrong with an answer, or what it holds. */
export type Side = { readonly sums: Sums } | { readonly status: number; readonly detail: string };
const sideOf = async (
  ask: () => Promise<{ status: number; text: string; body: unknown }>,
  read: (body: never) => [string, [number, number]][],
): Promise<Side> => {
  const { status, text, body } = await ask();
  if (status !== 200) return { status, detail: text };
  return { sums: Object.fromEntries(read(body as never).sort(([a], [b]) => (a < b ? -1 : 1))) };
};
interface Fields {
  readonly doc: string;
  readonly title: string;
  readonly notes: number;
  readonly n: number;
}
/** The same, as the metric, the entities and a search answer it. */
export const sidesOf = async (world: System): Promise<Record<'metric' | 'entities' | 'search', Side>> => ({
  metric: await sideOf(
    () => world.get('/metrics/notes?from=2026-11-01&to=2026-12-01&every=all&by=doc', {}),
    ({ rows }: { rows: Fields[] }) => rows.map(({ doc, notes, n }) => [doc, [notes, n]]),
  ),
  entities: await entitySide(world),
  search: await sideOf(
    () => world.get('/entities/doc?limit=10', {}),
    ({ hits }: { hits: { key: string; entity: Fields }[] }) => hits.map(({ key, entity: { notes, n } }) => [key, [notes, n]]),
  ),
});
const entitySide = async (world: System): Promise<Side> => {
  const sums: Record<string, [number, number]> = {};
  for (const doc of [...DOCS].sort()) {
    const { status, text } = await world.get(`/entities/doc/${doc}`, {});
    if (status === 200) sums[doc] = [Number(JSON.parse(text).notes), Number(JSON.parse(text).n)];
    else if (status !== 404) return { status, detail: text };
  }
  return { sums };
};

/** Takes what was posted everywhere. */
export const takeAll = async (world: System): Promise<void> => {
  await world.drain();
  await world.materialize();
  await world.index();
};
