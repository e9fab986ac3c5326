import type { Client } from '../client/client.ts';
import type { EventsOf, InputOf, NameIn } from '../client/types.ts';
import type { Pipeline } from '../shared/definition/define.ts';

export interface InProcessOptions {
  /** Returns epoch milliseconds; by default the machine's clock. */
  readonly clock?: () => number;
}
export interface HostOptions {
  /** Settings of the host, as listed in README. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What is wrong with one of the sent events. */
export interface Rejection {
  /** Its index among them, from 0. */
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
  /** Words to search for; without it, every entity. */
  readonly q?: string;
  /** Allowed values of a field: one, or any of a list. */
  readonly filter?: Readonly<Record<string, unknown>>;
  /** A field to order by; `-orders` for the largest first. */
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
  /** By how much the layers differed where they could be compared, over all metrics: 0 unless one of them is wrong. */
  readonly drift: number | null;
}

/** A Twinstream with a pipeline, in a temporary folder of its own. */
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
  /** Resolves once everything that was sent until now is in the answers of metrics, in entities, and in the search index. */
  readonly settled: () => Promise<void>;
  /**
   * Queries a metric, once everything that was sent is in its answer. Rows are typed by the query.
   * @example const { rows } = await app.ask('sales', { every: 'all', by: ['country'], measures: ['orders'] });
   */
  readonly ask: Client<P>['ask'];
  /** Recomputes everything that was sent in the batch layer, which answers from then on. Null if it was already complete. */
  readonly recompute: () => Promise<Generation | null>;
  /** Searches entities, once everything that was sent is in the index. */
  readonly search: (entity: string, question?: SearchQuestion) => Promise<Found>;
  /** One entity by its key, or null. */
  readonly entity: (entity: string, key: string) => Promise<Readonly<Record<string, unknown>> | null>;
  /** Stops it, and deletes its folder. */
  readonly stop: () => Promise<void>;
}
