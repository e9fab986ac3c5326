import { duration, type Environment, epochLength, type LogLevel, logLevel, required, whole } from './environment.ts';

/** Where an OpenSearch is, and how requests to it are signed. */
export interface SearchSettings {
  readonly endpoint: string;
  readonly service: 'es' | 'aoss' | 'basic';
  readonly region: string;
  /** The SSM parameter that holds name:password where the service is basic, else null. */
  readonly credentials: string | null;
}

/** What the environment sets on AWS; resources/environment.yml fills it. */
export interface AwsSettings {
  /** Names the stage in logs and metrics. */
  readonly service: string;
  readonly epochLengthMs: number;
  /** How far back a re-sent event is told by the speed layer. */
  readonly duplicateWindowMs: number;
  readonly lanes: number;
  /** Batch queries that run at the same time; published generations that stay ready to be activated. */
  readonly parallelQueries: number;
  readonly keepGenerations: number;
  /** How often the batch layer looks for news. */
  readonly recomputeEveryMs: number;
  readonly logLevel: LogLevel;
  readonly logStream: string;
  readonly cellTable: string;
  readonly entityTable: string;
  readonly lakeBucket: string;
  readonly quarantineStream: string;
  readonly athenaWorkgroup: string;
  readonly glueDatabase: string;
  /** Null where the stage has no search. */
  readonly search: SearchSettings | null;
  readonly recomputeFunction: string;
  readonly reindexFunction: string;
  /** URLs of the queues of what consumers gave up. */
  readonly deadLetterQueues: { readonly aggregate: string; readonly archive: string; readonly materialize: string };
  /** Below it stand the tokens' parameters. */
  readonly tokenPath: string;
}

/** @throws {RangeError} that names the variable, what it takes and what it got. */
export const readAwsSettings = (env: Environment): AwsSettings => ({
  service: required(env, 'SERVICE'),
  epochLengthMs: epochLength(env, '1h'),
  duplicateWindowMs: duration(env, 'DUPLICATE_WINDOW', '1h', '1s'),
  lanes: whole(env, 'LANES', 8, 1, 256),
  parallelQueries: 4,
  recomputeEveryMs: 600_000,
  keepGenerations: whole(env, 'KEEP_GENERATIONS', 24, 2, 1_000),
  logLevel: logLevel(env),
  logStream: required(env, 'LOG_STREAM'),
  cellTable: required(env, 'CELL_TABLE'),
  entityTable: required(env, 'ENTITY_TABLE'),
  lakeBucket: required(env, 'LAKE_BUCKET'),
  quarantineStream: required(env, 'QUARANTINE_STREAM'),
  athenaWorkgroup: required(env, 'ATHENA_WORKGROUP'),
  glueDatabase: required(env, 'GLUE_DATABASE'),
  search: search(env),
  recomputeFunction: required(env, 'RECOMPUTE_FUNCTION'),
  reindexFunction: required(env, 'REINDEX_FUNCTION'),
  deadLetterQueues: {
    aggregate: required(env, 'AGGREGATE_DEAD_LETTERS'),
    archive: required(env, 'ARCHIVE_DEAD_LETTERS'),
    materialize: required(env, 'MATERIALIZE_DEAD_LETTERS'),
  },
  tokenPath: required(env, 'TOKEN_PATH'),
});

const search = (env: Environment): SearchSettings | null => {
  const endpoint = env.SEARCH_ENDPOINT;
  if (endpoint === undefined) return null;
  const { protocol, hostname, password } = URL.canParse(endpoint) ? new URL(endpoint) : { protocol: '', hostname: '', password: '' };
  // Plain HTTP does not leave the machine.
  if ((protocol !== 'https:' && !(protocol === 'http:' && hostname === '127.0.0.1')) || password !== '')
    throw new RangeError('SEARCH_ENDPOINT: Expected a URL that begins with https:// and has no password in it, got another text');
  const service = env.SEARCH_SERVICE;
  if (service !== 'es' && service !== 'aoss' && service !== 'basic') throw new RangeError(`SEARCH_SERVICE: Expected es, aoss or basic, got '${service}'`);
  return { endpoint, service, region: required(env, 'AWS_REGION'), credentials: service === 'basic' ? required(env, 'SEARCH_CREDENTIALS') : null };
};
