import { Client, errors } from '@opensearch-project/opensearch';
import { AwsSigv4Signer } from '@opensearch-project/opensearch/aws-v3';
import { backOffMs } from '../../ports/back-off.ts';
import type { Clock } from '../../ports/clock.ts';
import { type SearchDocument, type SearchIndex, SearchUnavailableError, type Written } from '../../ports/search-index.ts';
import type { SearchSchema } from '../../ports/search-question.ts';
import { batches, resend } from '../resend.ts';
import { bodyOf, idOf, namesOf, sourceOf, writesTo } from './layout.ts';
import { type SearchBody, searchOf } from './query.ts';

/** How requests are authenticated: signed for a domain of the service, signed for a serverless collection, with a name and password, or not at all. */
export type SearchService = 'es' | 'aoss' | 'basic' | 'none';
export interface OpensearchServer {
  readonly endpoint: string;
  readonly service: SearchService;
  readonly region: string;
  /** `name:password`; called once if the service is basic. */
  readonly readCredentials: () => Promise<string>;
}

const ANSWER_WITHIN_MS = 10_000;

/** The adapter does the retries, with back-off. */
export const opensearchClient = async ({ endpoint, service, region, readCredentials }: OpensearchServer): Promise<Client> => {
  const options = { node: endpoint, maxRetries: 0, requestTimeout: ANSWER_WITHIN_MS };
  if (service === 'none') return new Client(options);
  if (service !== 'basic') return new Client({ ...AwsSigv4Signer({ region, service }), ...options });
  const [username = '', ...password] = (await readCredentials()).split(':');
  return new Client({ ...options, auth: { username, password: password.join(':') } });
};

export interface OpensearchOptions {
  readonly client: () => Promise<Client>;
  readonly isServerless: boolean;
  /** Prefix of the names of indexes and aliases, such as twinstream-dev. */
  readonly prefix: string;
  readonly clock: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
}

/** The smallest instances of the service accept 10 MB a request. */
const MOST = { items: 1_000, bytes: 5_000_000 };
const MAX_IDLE_ROUNDS = 8;
const BACK_OFF = { firstMs: 50, maxMs: 2_000 };
const MAX_SEARCH_TRIES = 4;

/** An index that takes an entity's documents. */
interface Target {
  readonly index: string;
  /** Whether it was created for exactly these fields; if not, refusals do not matter, since the index will be deleted. */
  readonly isOfLayout: boolean;
}
interface BulkItem {
  readonly status: number;
  readonly error?: { readonly type: string; readonly reason: string; readonly caused_by?: { readonly type?: string; readonly reason?: string } };
}

/**
 * Search in OpenSearch: for each entity an index, which an alias names, and a fresh one beside it while that is being built.
 * A document's external version is its entity's: writing an older one is a conflict, which is not an error. If one of the
 * indexes does not accept a document, it is sent again to both, as they are listed then.
 */
export const opensearch = ({ client, isServerless, prefix, clock, sleep, random }: OpensearchOptions): SearchIndex => {
  /** The indexes behind the two aliases. */
  const indexesOf = async (schema: SearchSchema): Promise<{ answering: string[]; fresh: string[] }> => {
    const { answering, fresh } = namesOf(prefix, schema);
    const { body } = await (await client()).indices.getAlias({ index: [answering, fresh], ignore_unavailable: true });
    const withAlias = (alias: string) => Object.entries(body).flatMap(([index, { aliases }]) => (Object.hasOwn(aliases, alias) ? [index] : []));
    return { answering: withAlias(answering), fresh: withAlias(fresh) };
  };
  const create = async (schema: SearchSchema, index: string, alias: string): Promise<void> => {
    try {
      await (await client()).indices.create({ index, body: bodyOf(schema, [alias, writesTo(index)], isServerless) });
    } catch (error) {
      if (typeOf(error) !== 'resource_already_exists_exception') throw error;
    }
  };
  const remove = async (indexes: readonly string[]): Promise<void> => {
    if (indexes.length > 0) await (await client()).indices.delete({ index: [...indexes], ignore_unavailable: true });
  };

  const targetsOf = async (schema: SearchSchema): Promise<Target[]> => {
    const names = namesOf(prefix, schema);
    let { answering, fresh } = await indexesOf(schema);
    if (answering.length === 0) {
      await create(schema, names.partial, names.answering);
      ({ answering, fresh } = await indexesOf(schema));
    }
    // A writer that saw no index created a partial one while another was put into use.
    if (answering.length > 1) {
      await remove(answering.filter(names.isPartial));
      answering = answering.filter((index) => !names.isPartial(index));
    }
    return [...answering, ...fresh].filter(names.isOfIdentity).map((index) => ({ index, isOfLayout: names.isOfLayout(index) }));
  };

  /** One round: returns the documents that have to be sent again. */
  const send = async (schema: SearchSchema, documents: readonly SearchDocument[], note: (document: SearchDocument, written: Written) => void) => {
    const again = (reason: string): readonly SearchDocument[] => {
      for (const document of documents) note(document, { state: 'failed', reason });
      return documents;
    };
    try {
      const targets = await targetsOf(schema);
      if (targets.length === 0) {
        for (const document of documents) note(document, DONE);
        return [];
      }
      const operations = targets.flatMap((target) => documents.map((document) => ({ target, document })));
      const lines = operations.flatMap(({ target, document: { key, version, fields } }) => [
        { index: { _index: writesTo(target.index), _id: idOf(key), version, version_type: 'external' as const } },
        sourceOf(schema, key, fields),
      ]);
      const { body } = await (await client()).bulk({ require_alias: true, body: lines });
      const written = new Map<SearchDocument, Written>();
      for (const [i, { target, document }] of operations.entries()) {
        const result = writtenOf((body.items?.[i]?.index ?? {}) as BulkItem);
        const counts = result.state === 'refused' && !target.isOfLayout ? DONE : result;
        // The result is a failure if one index failed, else a refusal if one refused.
        const other = written.get(document)?.state ?? 'done';
        if (other === 'done' || counts.state === 'failed') written.set(document, counts);
      }
      for (const [document, result] of written) note(document, result);
      return documents.filter((document) => written.get(document)?.state === 'failed');
    } catch (error) {
      if (isPassing(error)) return again((error as Error).message);
      throw error;
    }
  };

  return {
    write: async (schema, documents) => {
      const written = new Map<SearchDocument, Written>();
      const bytesOf = ({ fields }: SearchDocument) => 2 * JSON.stringify(fields).length;
      for (const batch of batches(documents, bytesOf, MOST))
        await resend(batch, {
          send: (some) => send(schema, some, (document, result) => void written.set(document, result)),
          mayGoOn: (idleRounds) => idleRounds < MAX_IDLE_ROUNDS,
          sleep,
          random,
        });
      return documents.map((document) => written.get(document) ?? { state: 'failed', reason: 'It was not answered' });
    },
    search: async (schema, question) => {
      if (question.terms !== null && (question.terms.length === 0 || !schema.fields.some(({ searched }) => searched)))
        return { total: 0, hits: [], next: null };
      const { body, read } = searchOf(schema, question);
      for (let tries = 1; ; tries++) {
        try {
          const answer = await (await client()).search({
            index: namesOf(prefix, schema).answering,
            ignore_unavailable: true,
            allow_partial_search_results: false,
            body: body as never,
          });
          const found = answer.body as unknown as SearchBody;
          if (found.timed_out) throw new SearchUnavailableError('OpenSearch: Expected a whole answer, got one that timed out');
          return read(found);
        } catch (error) {
          if (!isPassing(error)) throw error;
          if (tries === MAX_SEARCH_TRIES) throw new SearchUnavailableError(`OpenSearch: ${(error as Error).message}`, { cause: error });
          await sleep(random() * backOffMs(tries + 1, BACK_OFF));
        }
      }
    },
    isCurrent: async (schema) => {
      const { isOfLayout, isPartial } = namesOf(prefix, schema);
      const { answering } = await indexesOf(schema);
      return answering.some((index) => isOfLayout(index) && !isPartial(index));
    },
    begin: async (schema) => {
      const names = namesOf(prefix, schema);
      await targetsOf(schema);
      await remove((await indexesOf(schema)).fresh);
      const index = names.whole(`${clock().toString(36)}${Math.floor(random() * 36 ** 4).toString(36)}`);
      await create(schema, index, names.fresh);
      return index;
    },
    finish: async (schema, index) => {
      const names = namesOf(prefix, schema);
      const { answering, fresh } = await indexesOf(schema);
      if (!fresh.includes(index)) return false;
      // Serverless collections refresh automatically.
      if (!isServerless) await (await client()).indices.refresh({ index });
      try {
        await (await client()).indices.updateAliases({
          body: {
            actions: [
              { remove: { index, alias: names.fresh, must_exist: true } },
              { add: { index, alias: names.answering } },
              ...answering.map((old) => ({ remove_index: { index: old } })),
            ],
          },
        });
      } catch (error) {
        if (typeOf(error) === 'aliases_not_found_exception' || typeOf(error) === 'index_not_found_exception') return false;
        throw error;
      }
      return true;
    },
  };
};

const DONE: Written = { state: 'done' };

/** docs.opensearch.org/latest/api-reference/document-apis/bulk: an item has the status that it would have by itself. */
const writtenOf = ({ status, error }: BulkItem): Written => {
  if (error === undefined || status === 409) return status === undefined ? { state: 'failed', reason: 'It was not answered' } : DONE;
  const reason = [error.reason, error.caused_by?.reason].filter((text) => text !== undefined).join(': ');
  // Everything passes except a document that cannot be parsed: throttling, a full disk, an index that has just been replaced.
  return { state: status === 400 || status === 413 ? 'refused' : 'failed', reason: `${error.type}: ${reason}` };
};

const typeOf = (error: unknown): string | null => {
  if (!(error instanceof errors.ResponseError)) return null;
  const { body } = error as { body?: { error?: { type?: string } } };
  return body?.error?.type ?? null;
};
const isPassing = (error: unknown): boolean =>
  error instanceof errors.ConnectionError ||
  error instanceof errors.TimeoutError ||
  error instanceof errors.NoLivingConnectionsError ||
  (error instanceof errors.ResponseError && [429, 500, 502, 503, 504].includes(error.statusCode ?? 0));
