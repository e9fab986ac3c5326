import { z } from 'zod';
import { count, definePipeline, entity, event, latest, metric, type Pipeline } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';

const note = event(z.object({ at: z.iso.datetime(), page: z.string(), text: z.string() }), { time: 'at', id: 'page' });
export const pipeline = definePipeline({
  events: { note },
  metrics: { notes: metric(note, { measures: { notes: count() } }) },
  entities: { page: entity(note, { key: note.page, fields: { page: latest(note.page), text: latest(note.text) }, search: ['page'] }) },
});
/** It rejects every note. */
export const strict = definePipeline({
  ...pipeline,
  events: { note: event(z.object({ at: z.iso.datetime(), page: z.string().max(0), text: z.string() }), { time: 'at', id: 'page' }) },
  metrics: {},
  entities: {},
});
export const at = '2026-11-20T09:00:00.000Z';
export let world: System;
export const start = async (of: Pipeline = pipeline) => {
  world = await system({ pipeline: of, shards: 1, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
};
afterEach(() => world.close());
export const names = (n: number) => Array.from({ length: n }, (_, i) => `p${String(i).padStart(4, '0')}`);
export const post = async (pages: readonly string[], text: string) => {
  for (const page of pages) await world.post('/events/note', JSON.stringify({ at, page, text }), {});
};
