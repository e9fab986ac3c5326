import type { Detail } from '../../shared/request/problem.ts';
import type { Batch } from './batch.ts';
import type { SinkState } from './channel.ts';

export interface Delivered {
  readonly accepted: number;
  /** In quarantine at the receiver, which says why. */
  readonly rejected: number;
  /** `index` counts over all batches of the call. */
  readonly errors: readonly Detail[];
  /** Kept by the channel, and given to `open` after a restart. */
  readonly state: SinkState;
}

/** The receiver cannot take events now. It may have taken some: they keep their ids. */
export class TryLaterError extends Error {
  override readonly name = 'TryLaterError';
  readonly afterMs: number;

  constructor(message: string, afterMs: number, cause?: unknown) {
    super(message, { cause });
    this.afterMs = afterMs;
  }
}
/** The receiver refuses for a reason that no retry changes, such as a wrong token. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** Where events go. */
export interface Sink {
  /** For messages. */
  readonly name: string;
  /** How many calls of `deliver` may run at a time. */
  readonly parallel: number;
  /**
   * Called once, before all else, with the state of the last delivery that was acknowledged; null for none. Returns the state
   * to begin with, which is durable before the first delivery.
   */
  open(state: SinkState): Promise<SinkState>;
  /**
   * Batches of one type and header, in order. Once it resolves, they are durable there. The same batches may come again after
   * a failure or a kill: they count once.
   * @throws {TryLaterError | RefusedError}
   */
  deliver(batches: readonly Batch[]): Promise<Delivered>;
  close(): Promise<void>;
}
