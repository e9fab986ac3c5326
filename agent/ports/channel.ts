import type { Batch } from './batch.ts';
import type { Chunk, Position } from './source.ts';

/** A place between two entries. */
export interface Place {
  readonly segment: number;
  readonly offset: number;
}
export interface Entry {
  readonly batch: Batch;
  readonly position: Position | null;
  /** After it. */
  readonly end: Place;
}
/** What a sink needs to know after a restart, such as how far it has written. */
export type SinkState = Readonly<Record<string, string | number>> | null;

/** There is no room: the bound is reached, or the disk is full. Nothing of the chunk was kept; try again later. */
export class ChannelFullError extends Error {
  override readonly name = 'ChannelFullError';
}

/** Holds events durably between sources and a sink, in order. One process at a time. */
export interface Channel {
  positionOf(stream: string): Position | null;
  streams(): readonly string[];
  /** Resolves once the events and their stream's position are durable, together. @throws {ChannelFullError} */
  append(chunk: Chunk): Promise<void>;
  /** Where delivery continues, and the sink's state there. */
  delivered(): { readonly place: Place; readonly sink: SinkState };
  /** Durable entries from a place on, some `bytes` of them; none if there are no more yet. */
  read(from: Place, bytes: number): Promise<readonly Entry[]>;
  /** Calls back after each append, and after each removal. Returns what ends that. */
  onChange(listener: () => void): () => void;
  /** Everything up to the place is durable elsewhere: its room is free. */
  acknowledge(place: Place, sink: SinkState): Promise<void>;
  close(): Promise<void>;
}
