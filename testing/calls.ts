import { createClient } from '../client/client.ts';
import { errorOf, TwinstreamError } from '../client/error.ts';
import { queryOf } from '../client/question.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import type { Found, Generation, Rejection, Sent, TestApp } from './app.ts';

const EVENTS_AT_ONCE = 1_000;
const MAX_REASONS_SHOWN = 5;

interface Reply<B> {
  readonly status: number;
  readonly body: B;
}
export const call = async <B>(url: string, method: string, path: string, body: string | null): Promise<Reply<B>> => {
  const response = await fetch(url + path, { method, body, headers: body === null ? {} : { 'content-type': 'application/json' } });
  const text = await response.text();
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as B };
};

/** A test's calls of an app at a URL; `settled` is awaited before each query. */
export const calls = <P extends Pipeline>(url: string, settled: () => Promise<void>): Pick<TestApp<P>, 'send' | 'ask' | 'search' | 'entity'> => {
  const client = createClient<P>(url);
  const ask: TestApp<P>['ask'] = async (metric, question) => {
    await settled();
    return client.ask(metric, question);
  };
  return {
    ask,
    send: async (type, events, { allowRejected = false } = {}) => {
      const list: readonly unknown[] = Array.isArray(events) ? events : [events];
      const sent: { accepted: number; rejected: number; errors: Rejection[] } = { accepted: 0, rejected: 0, errors: [] };
      for (let from = 0; from < list.length; from += EVENTS_AT_ONCE) {
        const part = await post(url, type, list.slice(from, from + EVENTS_AT_ONCE));
        sent.accepted += part.accepted;
        sent.rejected += part.rejected;
        for (const error of part.errors) sent.errors.push(error.index === undefined ? error : { ...error, index: from + error.index });
      }
      if (sent.rejected > 0 && !allowRejected) throw rejection(type, list.length, sent);
      return sent;
    },
    search: async (entity, question = {}) => {
      await settled();
      return read<Found>(url, `/entities/${encodeURIComponent(entity)}${queryOf(question)}`);
    },
    entity: async (entity, key) => {
      await settled();
      const path = `/entities/${encodeURIComponent(entity)}/${encodeURIComponent(key)}`;
      const { status, body } = await call<Readonly<Record<string, unknown>>>(url, 'GET', path, null);
      if (status !== 200 && status !== 404) throw errorOf(`GET ${path}`, status, body);
      return status === 404 ? null : body;
    },
  };
};

export const read = async <B>(url: string, path: string): Promise<B> => {
  const { status, body } = await call<B>(url, 'GET', path, null);
  if (status !== 200) throw errorOf(`GET ${path}`, status, body);
  return body;
};

/** A generation in the list. */
interface Listed extends Generation {
  readonly state: string;
  readonly error: string | null;
}
export const listed = async (url: string, id: string): Promise<Listed> => {
  const { generations } = await read<{ generations: readonly Listed[] }>(url, '/generations?limit=1000');
  const found = generations.find((one) => one.id === id);
  if (found === undefined) throw new TwinstreamError(`Expected generation ${id} to be listed, got ${generations.map((one) => one.id).join(', ') || 'none'}`, 0);
  return found;
};

const post = async (url: string, type: string, events: readonly unknown[]): Promise<Sent> => {
  const path = `/events/${encodeURIComponent(type)}`;
  const { status, body } = await call<Sent>(url, 'POST', path, JSON.stringify(events));
  // 422 if none was accepted.
  if (status !== 202 && status !== 422) throw errorOf(`POST ${path}`, status, body);
  return { accepted: body.accepted, rejected: body.rejected, errors: body.errors ?? [] };
};

const rejection = (type: string, count: number, { rejected, errors }: Sent): TwinstreamError => {
  const reasons = errors
    .slice(0, MAX_REASONS_SHOWN)
    .map(({ index, path, message }) => `\n  [${index ?? '?'}]${path === undefined ? '' : ` ${path}:`} ${message}`);
  const more = errors.length > MAX_REASONS_SHOWN ? `\n  and ${errors.length - MAX_REASONS_SHOWN} more` : '';
  return new TwinstreamError(
    `Expected every event of type ${type} to be accepted, ${rejected} of ${count} were rejected:${reasons.join('')}${more}`,
    422,
    errors,
  );
};
