import type { Batch } from './batch.ts';

/** Where a stream continues: JSON that its source alone understands. */
export type Position = Readonly<Record<string, string | number | boolean | null>>;

/** Events that were read together, and where their stream continues after them. Both become durable at once, or neither. */
export interface Chunk extends Omit<Batch, 'key' | 'at'> {
  /** What it is read from, such as one file: each stream has its own position. */
  readonly stream: string;
  /** Null forgets the stream. */
  readonly position: Position | null;
  /** Ids that others gave, or that follow from the content; null lets the channel give them. */
  readonly ids: { readonly key: string; readonly at: number } | null;
}

export interface Intake {
  /** Resolves once the chunk is durable; waits while the channel is full (backpressure). */
  take(chunk: Chunk): Promise<void>;
  /** The same, but does not wait. @throws {ChannelFullError} */
  offer(chunk: Chunk): Promise<void>;
  /** Where a stream continues, null for a new one. */
  positionOf(stream: string): Position | null;
  streams(): readonly string[];
  /** Something for a person to know, such as a lost connection. */
  note(text: string): void;
}

/** Where events come from. */
export interface Source {
  /** For messages. */
  readonly name: string;
  /**
   * Reads until the end, or until the signal: resolves once everything that it took is durable. After a kill, it continues
   * at the positions of its streams, so what was taken is not read again, and nothing is left out.
   */
  run(intake: Intake, signal: AbortSignal): Promise<void>;
}
