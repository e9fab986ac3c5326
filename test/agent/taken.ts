import { type Shape, shaper as shaperOf } from '../../agent/formats/format.ts';
import type { Chunk, Intake, Position, Source } from '../../agent/ports/source.ts';

export const shaper = (shape: Partial<Shape>) =>
  shaperOf({ format: 'ndjson', type: 'edit', map: {}, id: null, ...shape }, () => Date.parse('2026-11-21T10:00:00Z'));

/** What a source puts into a channel, and where its streams are. */
export const taken = (before: ReadonlyMap<string, Position> = new Map()) => {
  const positions = new Map(before);
  const chunks: Chunk[] = [];
  const notes: string[] = [];
  const take = async (chunk: Chunk): Promise<void> => {
    chunks.push(chunk);
    if (chunk.position === null) positions.delete(chunk.stream);
    else positions.set(chunk.stream, chunk.position);
  };
  const intake: Intake = {
    take,
    offer: take,
    positionOf: (stream) => positions.get(stream) ?? null,
    streams: () => [...positions.keys()],
    note: (text) => notes.push(text),
  };
  return { intake, positions, chunks, notes, lines: () => chunks.flatMap(({ body }) => body.toString().split('\n').slice(0, -1)) };
};
/** Runs a source to its end. */
export const allOf = async (source: Source, before: ReadonlyMap<string, Position> = new Map()) => {
  const result = taken(before);
  await source.run(result.intake, new AbortController().signal);
  return result;
};
