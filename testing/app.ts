import type { Client } from '../client/client.ts';
import type { EventsOf, InputOf, NameIn } from '../client/types.ts';
import type { Pipeline } from '../shared/definition/define.ts';

export interface InProcessOptions {
  /** Answers epoch milliseconds; by default the machine's clock. */
  readonly clock?: () => number;
}
export interface HostOptions {
  /** Variables that set the host, as README lists them. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What is wrong with one event of those that were sent. */
export interface Rejection {
  /** Its place among them, from 0. */
  readonly index?: number;
  /** The field. */
  readonly path?: string;
  readonly message: string;
}
export interface Sent {
  readonly accepted: number;
  readonly rejected: number;
  readonly errors: readonly Rejection[];
}

export interface SearchQuestion {
  /** Words; every entity without. */
  readonly q?: string;
  /** Values that a field has, one or any of a list. */
  readonly filter?: Readonly<Record<string, unknown>>;
  /** A field, `-orders` for the largest first. */
  readonly order?: string;
  readonly limit?: number;
  readonly cursor?: string;
}
export interface Found {
  readonly total: number;
  readonly hits: readonly {
    readonly key: string;
    readonly score: number | null;
    readonly entity: Readonly<Record<string, unknown>>;
    readonly highlights?: Readonly<Record<string, string>> | undefined;
  }[];
  readonly cursor: string | null;
}

/** A generation of batch views. */
export interface Generation {
  readonly id: string;
  /** How far both layers were apart where they could be compared, over all metrics: 0 unless one of them is wrong. */
  readonly drift: number | null;
}

/** A Twinstream with a pipeline, in a folder of its own, which goes with it. */
export interface TestApp<P extends Pipeline> extends AsyncDisposable {
  /** For a client, or for the code under test. */
  readonly url: string;
  /**
   * Sends events. They are durable when it resolves.
   * @throws {TwinstreamError} with the reasons if any was rejected, unless rejections are allowed.
   * @example await app.send('order', [{ placedAt: '2026-11-21T10:00:00Z', price: '19.90' }]);
   */
  readonly send: <const N extends NameIn<EventsOf<P>>>(
    type: N,
    events: InputOf<EventsOf<P>[N]> | readonly InputOf<EventsOf<P>[N]>[],
    options?: { readonly allowRejected?: boolean },
  ) => Promise<Sent>;
  /** Resolves once all that was sent until now is in the answers of metrics, in entities, and in the search index. */
  readonly settled: () => Promise<void>;
  /**
   * Asks a metric, once all that was sent is in its answer. Rows are typed by what is asked for.
   * @example const { rows } = await app.ask('sales', { every: 'all', by: ['country'], measures: ['orders'] });
   */
  readonly ask: Client<P>['ask'];
  /** Computes all that was sent anew in the batch layer, which answers from then on. Null if it had all of it before. */
  readonly recompute: () => Promise<Generation | null>;
  /** Searches entities, once all that was sent is in the index. */
  readonly search: (entity: string, question?: SearchQuestion) => Promise<Found>;
  /** One entity by its key, or null. */
  readonly entity: (entity: string, key: string) => Promise<Readonly<Record<string, unknown>> | null>;
  /** Ends it, and removes its folder. */
  readonly stop: () => Promise<void>;
}
