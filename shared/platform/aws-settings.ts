import { duration, type Environment, epochLength, type LogLevel, logLevel, required, whole } from './environment.ts';

/** Where an OpenSearch is, and how requests to it are signed. */
export interface SearchSettings {
  readonly endpoint: string;
  readonly service: 'es' | 'aoss' | 'none';
  readonly region: string;
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
  /** URLs of the queues of what consumers gave up. */
  readonly deadLetterQueues: { readonly aggregate: string; readonly archive: string; readonly materialize: string; readonly 'index-entities': string };
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
  deadLetterQueues: {
    aggregate: required(env, 'AGGREGATE_DEAD_LETTERS'),
    archive: required(env, 'ARCHIVE_DEAD_LETTERS'),
    materialize: required(env, 'MATERIALIZE_DEAD_LETTERS'),
    'index-entities': required(env, 'INDEX_ENTITIES_DEAD_LETTERS'),
  },
  tokenPath: required(env, 'TOKEN_PATH'),
});

const search = (env: Environment): SearchSettings | null => {
  const endpoint = env.SEARCH_ENDPOINT ?? 'none';
  if (endpoint === 'none') return null;
  // A name and password may stand in it.
  if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol))
    throw new RangeError('SEARCH_ENDPOINT: Expected none or a URL that begins with https://, got another text');
  const service = env.SEARCH_SERVICE ?? 'es';
  if (service !== 'es' && service !== 'aoss' && service !== 'none') throw new RangeError(`SEARCH_SERVICE: Expected es, aoss or none, got '${service}'`);
  return { endpoint, service, region: required(env, 'AWS_REGION') };
};
