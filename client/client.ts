import type { Pipeline } from '../shared/definition/define.ts';
import { errorOf, noAnswer, type Reason, TwinstreamError } from './error.ts';
import { live } from './live.ts';
import type { LiveMessage } from './live-message.ts';
import { jsonOf, queryOf } from './question.ts';
import { type Batching, sender } from './sender.ts';
import type { Status } from './status.ts';
import { type Call, fetched, globals, type Retry, type Surroundings, transport } from './transport.ts';
import type { Answer, AnswerTo, Compare, DimensionsOf, EventsOf, InputOf, Live, MeasuresOf, MetricsOf, Named, NameIn, Parts, Question, Row } from './types.ts';

export { type Answer, type LiveMessage, type Question, type Reason, type Status, TwinstreamError };

export interface ClientOptions {
  /** Of scope write to send, read to query. */
  readonly token?: string;
  readonly batch?: Partial<Batching>;
  readonly retry?: Partial<Retry>;
  /** For tests: fetch, clock, timers and randomness. */
  readonly surroundings?: Partial<Surroundings>;
}

export interface Client<P extends Pipeline> {
  /**
   * Queries a metric. Rows have the window, the dimensions that they are grouped by, and the requested measures (all by default).
   * @throws {TwinstreamError} for any other answer, without a retry.
   * @example
   * const { rows } = await client.ask('edits', { from: '-7d', every: '1d', by: ['channel'], measures: ['edits'], order: '-edits', limit: 10 });
   * rows[0]?.edits; // number
   */
  readonly ask: <
    const N extends NameIn<MetricsOf<P>>,
    const By extends readonly (NameIn<DimensionsOf<MetricsOf<P>[N]>> | keyof Parts)[] = readonly [],
    const M extends readonly NameIn<MeasuresOf<MetricsOf<P>[N]>>[] = readonly [],
    const C extends Compare | undefined = undefined,
    const O extends boolean | undefined = undefined,
    const S extends boolean | undefined = undefined,
  >(
    metric: N,
    question?: Question<DimensionsOf<MetricsOf<P>[N]>, MeasuresOf<MetricsOf<P>[N]>, By, M, C, O, S>,
  ) => Promise<Answer<Row<DimensionsOf<MetricsOf<P>[N]>, MeasuresOf<MetricsOf<P>[N]>, By, M, { readonly compare: C; readonly other: O; readonly parts: S }>>>;
  /**
   * Queries several metrics at one cut, so that their answers agree with each other.
   * @throws {TwinstreamError} for any other answer, without a retry.
   * @example
   * const { day, week } = await client.askAll({ day: { metric: 'edits', from: '-1d', every: '1h' }, week: { metric: 'edits', from: '-7d', by: ['channel'] } });
   */
  readonly askAll: <const Q extends Readonly<Record<string, Named<P>>>>(
    queries: Q,
    options?: { readonly signal?: AbortSignal },
  ) => Promise<{ readonly [K in keyof Q]: AnswerTo<P, Q[K]> }>;
  /**
   * How the system is, in one sentence and in figures.
   * @throws {TwinstreamError} for any other answer, without a retry.
   * @example
   * const { state, sentence, advice } = await client.status();
   */
  readonly status: (options?: { readonly signal?: AbortSignal }) => Promise<Status>;
  /**
   * Follows metrics: a message whenever windows change, with their rows over all groups. The first one has `more`, and so has
   * every one after something was missed: ask then for what is shown. Connects again by itself, until the loop is left or the
   * signal aborts. A loop that takes its time gets the newest rows when it goes on, not all that was in between.
   * @throws {TwinstreamError} if the server refuses.
   * @example
   * for await (const { windows, more } of client.live('edits')) {
   *   if (more) show(await client.ask('edits', { every: '1m' }));
   *   for (const { window, edits } of windows) showWindow(window, edits);
   * }
   */
  readonly live: <const N extends NameIn<MetricsOf<P>>>(
    metric: N | readonly N[],
    options?: { readonly signal?: AbortSignal },
  ) => AsyncGenerator<Live<P, N>, void, undefined>;
  /**
   * Sends an event, or several, batched with others of its type. Resolves once all are acknowledged: durable, and counted once.
   * @throws {TwinstreamError} with the server's reasons if any was rejected, or after five minutes without an answer.
   * @example await client.send('edit', { time: new Date().toISOString(), page: 'Home', added: 3 });
   */
  readonly send: <const N extends NameIn<EventsOf<P>>>(type: N, event: InputOf<EventsOf<P>[N]> | readonly InputOf<EventsOf<P>[N]>[]) => Promise<void>;
  /** Sends waiting events at once, and resolves when everything that was sent has its answer, whatever that is. */
  readonly flush: () => Promise<void>;
  /** Flushes, and refuses further events. */
  readonly close: () => Promise<void>;
}

const BATCHING: Batching = { events: 500, length: 500_000, ms: 50, waiting: 20_000 };
const RETRY: Retry = { forMs: 300_000, firstMs: 200, maxMs: 30_000, answerMs: 30_000 };

/**
 * A client of a running Twinstream, typed by its pipeline, for browsers and Node. Import the pipeline as a type, so that none of its code gets into a bundle.
 * @example
 * import { createClient } from 'twinstream/client';
 * import type pipeline from './pipeline.ts';
 * const client = createClient<typeof pipeline>('https://events.example.com', { token });
 */
export const createClient = <P extends Pipeline>(url: string, { token, batch, retry, surroundings }: ClientOptions = {}): Client<P> => {
  const around: Surroundings = { ...globals, ...surroundings };
  const open = fetched(url, token, around);
  const call = transport(open, around);
  const retrying = { ...RETRY, ...retry };
  const events = sender(call, { ...BATCHING, ...batch }, retrying, around);
  let isClosed = false;

  const send = async (type: string, list: readonly unknown[]): Promise<void> => {
    if (isClosed) throw new TwinstreamError('Expected an open client, got one that was closed', 0);
    const texts = list.map((event) => JSON.stringify(event) ?? 'null');
    const errors = (await Promise.all(texts.map((text) => events.add(type, text)))).filter((error) => error !== null);
    const [first] = errors;
    if (first === undefined) return;
    if (list.length === 1) throw first;
    throw new TwinstreamError(
      `${errors.length} of ${list.length} events were not acknowledged. ${first.message}`,
      first.status,
      errors.flatMap((error) => error.errors),
    );
  };
  const answered = async <R>(request: Omit<Call, 'headers' | 'signal'>, what: string, signal: AbortSignal | null): Promise<R> => {
    const headers = { accept: 'application/json', ...(request.body === null ? {} : { 'content-type': 'application/json' }) };
    const { status, body } = await call({ ...request, headers, signal }).catch((cause) => {
      throw signal?.aborted ? cause : noAnswer(what, cause);
    });
    if (status !== 200) throw errorOf(what, status, body);
    return body as R;
  };

  return {
    ask: async (metric, { signal = null, ...question } = {}) => {
      const path = `/metrics/${encodeURIComponent(metric)}`;
      return answered({ method: 'GET', path: path + queryOf(question), body: null }, `GET ${path}`, signal);
    },
    askAll: async (queries, { signal = null } = {}) => {
      const body = JSON.stringify({ queries: Object.fromEntries(Object.entries(queries).map(([name, query]) => [name, jsonOf(query)])) });
      return answered({ method: 'POST', path: '/query', body }, 'POST /query', signal);
    },
    status: ({ signal = null } = {}) => answered({ method: 'GET', path: '/status', body: null }, 'GET /status', signal),
    live: (metrics, { signal = null } = {}) => live(open, [metrics].flat(), signal, retrying, around) as never,
    send: (type, event) => send(type, Array.isArray(event) ? event : [event]),
    flush: events.drain,
    close: () => {
      isClosed = true;
      return events.drain();
    },
  };
};
