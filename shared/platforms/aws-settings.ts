import * as z from 'zod/mini';
import { LANES, type Lanes } from '../log/lane.ts';
import { CELL_PART_BYTES } from '../speed/cell-parts.ts';
import {
  duration,
  type Environment,
  epochLength,
  type FunctionSettings,
  type LogLevel,
  logLevel,
  oneOf,
  parseEnvironment,
  rate,
  required,
  whole,
} from './environment.ts';

/** The address of an OpenSearch, and how requests to it are signed. */
export interface SearchSettings {
  readonly endpoint: string;
  readonly service: 'es' | 'aoss' | 'basic';
  readonly region: string;
  /** The SSM parameter that holds name:password if the service is basic, else null. */
  readonly credentials: string | null;
}

/** The environment variables on AWS; resources/environment.yml sets them. */
export interface AwsSettings extends FunctionSettings {
  /** The stage's name in logs and metrics. */
  readonly service: string;
  readonly lanes: Lanes;
  readonly logLevel: LogLevel;
  readonly logStream: string;
  readonly cellTable: string;
  readonly entityTable: string;
  readonly lakeBucket: string;
  readonly quarantineStream: string;
  readonly athenaWorkgroup: string;
  readonly glueDatabase: string;
  /** Null if the stage has no search. */
  readonly search: SearchSettings | null;
  readonly recomputeFunction: string;
  readonly reindexFunction: string;
  /** URLs of the consumers' dead-letter queues. */
  readonly deadLetterQueues: { readonly aggregate: string; readonly archive: string; readonly materialize: string };
  /** The path of the tokens' parameters. */
  readonly tokenPath: string;
  /** Of live connections: where clients open them, their table, and the URL by which they are sent to; null where a function needs it not. */
  readonly liveUrl: string | null;
  readonly liveTable: string | null;
  readonly liveEndpoint: string | null;
}

/** Fixed, as LANES is: the most shards that can share the load of events with ids of their own. */
export const OWN_LANES = 16;
const URL_OF_SEARCH = 'Expected a URL that begins with https:// and has no password in it, got another text';
const VARIABLES = z.object({
  SERVICE: required,
  EPOCH: epochLength('1h'),
  DUPLICATE_WINDOW: duration('1h', '1s'),
  LANES: whole(LANES, 1, LANES),
  /** Set by Lambda, in MB. */
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: whole(512, 128, 10_240),
  KEEP_GENERATIONS: whole(24, 2, 1_000),
  LOG_LEVEL: logLevel,
  HEARTBEAT_RATE: rate('rate(10 minutes)'),
  RECOMPUTE_RATE: rate('rate(10 minutes)'),
  LOG_STREAM: required,
  CELL_TABLE: required,
  ENTITY_TABLE: required,
  LAKE_BUCKET: required,
  QUARANTINE_STREAM: required,
  ATHENA_WORKGROUP: required,
  GLUE_DATABASE: required,
  SEARCH_ENDPOINT: z.optional(z.string().check(z.refine((text) => isSearchUrl(text), URL_OF_SEARCH))),
  RECOMPUTE_FUNCTION: required,
  REINDEX_FUNCTION: required,
  AGGREGATE_DEAD_LETTERS: required,
  ARCHIVE_DEAD_LETTERS: required,
  MATERIALIZE_DEAD_LETTERS: required,
  TOKEN_PATH: required,
  LIVE_URL: z.optional(z.string()),
  LIVE_TABLE: z.optional(z.string()),
  LIVE_ENDPOINT: z.optional(z.string()),
});
/** What else must be set if SEARCH_ENDPOINT is, and if its service is basic. */
const SEARCH = z.object({ SEARCH_SERVICE: oneOf('es', 'aoss', 'basic'), AWS_REGION: required });
const BASIC = z.object({ SEARCH_CREDENTIALS: required });

/**
 * A store that bills a write by size bills an expiry that is set later like the whole item, and one that is written with it
 * nothing. So long the batch layer may be behind before answers are refused.
 */
export const CELLS_KEPT_MS = 14 * 86_400_000;

/** What nobody sets: AWS decides it, or a function's memory in MB. */
export const fixedSettings = (memoryMb: number) => ({
  writeUnitBytes: 1_024,
  cacheBytes: (memoryMb * 2 ** 20) / 2,
  cellPartBytes: CELL_PART_BYTES,
  cellsKeptMs: CELLS_KEPT_MS,
  parallelQueries: 4,
});

/** @throws {RangeError} naming each variable that is wrong, what it takes and what it got. */
export const readAwsSettings = (env: Environment): AwsSettings => {
  const set = parseEnvironment(VARIABLES, env);
  return {
    service: set.SERVICE,
    epochLengthMs: set.EPOCH,
    duplicateWindowMs: set.DUPLICATE_WINDOW,
    lanes: { count: set.LANES, own: set.LANES === LANES ? OWN_LANES : null },
    ...fixedSettings(set.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
    keepGenerations: set.KEEP_GENERATIONS,
    logLevel: set.LOG_LEVEL,
    heartbeatEveryMs: set.HEARTBEAT_RATE,
    recomputeEveryMs: set.RECOMPUTE_RATE,
    logStream: set.LOG_STREAM,
    cellTable: set.CELL_TABLE,
    entityTable: set.ENTITY_TABLE,
    lakeBucket: set.LAKE_BUCKET,
    quarantineStream: set.QUARANTINE_STREAM,
    athenaWorkgroup: set.ATHENA_WORKGROUP,
    glueDatabase: set.GLUE_DATABASE,
    search: set.SEARCH_ENDPOINT === undefined ? null : searchAt(set.SEARCH_ENDPOINT, env),
    recomputeFunction: set.RECOMPUTE_FUNCTION,
    reindexFunction: set.REINDEX_FUNCTION,
    deadLetterQueues: { aggregate: set.AGGREGATE_DEAD_LETTERS, archive: set.ARCHIVE_DEAD_LETTERS, materialize: set.MATERIALIZE_DEAD_LETTERS },
    tokenPath: set.TOKEN_PATH,
    liveUrl: set.LIVE_URL ?? null,
    liveTable: set.LIVE_TABLE ?? null,
    liveEndpoint: set.LIVE_ENDPOINT ?? null,
  };
};

const searchAt = (endpoint: string, env: Environment): SearchSettings => {
  const { SEARCH_SERVICE: service, AWS_REGION: region } = parseEnvironment(SEARCH, env);
  return { endpoint, service, region, credentials: service === 'basic' ? parseEnvironment(BASIC, env).SEARCH_CREDENTIALS : null };
};

const isSearchUrl = (text: string): boolean => {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, password } = new URL(text);
  // Plain HTTP is allowed only on this machine.
  return (protocol === 'https:' || (protocol === 'http:' && hostname === '127.0.0.1')) && password === '';
};
