import type { Alone } from '../batch/lease.ts';
import type { Lanes } from '../log/lane.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeadLetters } from '../ports/dead-letters.ts';
import type { DeliveryStream } from '../ports/delivery-stream.ts';
import type { EntityStore } from '../ports/entity-store.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { LiveConnections, LivePost } from '../ports/live-connections.ts';
import type { LogReader } from '../ports/log-reader.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Room } from '../ports/room.ts';
import type { SearchIndex } from '../ports/search-index.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { TokenStore } from '../ports/token-store.ts';
import type { RejectedCount } from '../quarantine/count.ts';
import type { HealthKept, IndexLag } from '../query/health.ts';
import type { CallContext } from '../request/http.ts';
import type { FunctionSettings } from './environment.ts';

/**
 * What functions import from '#platform'. A platform is a module of such exports, not an object: a bundle contains only the
 * ports that its function uses. Each port is created on first use, once.
 */
export interface Platform {
  readonly clock: Clock;
  readonly settings: () => FunctionSettings;
  readonly telemetry: () => Telemetry;
  readonly eventLog: () => EventLog;
  readonly lanes: () => Lanes;
  /** For functions that need nothing else of the log. */
  readonly logStatus: EventLog['status'];
  /** Reads the log again if a raw file is lost; null if the lake keeps versions of its own. */
  readonly readLog: () => LogReader['read'] | null;
  /** Reads the end of the log, which the lake does not hold yet. */
  readonly readTail: () => LogReader['read'];
  readonly cellStore: () => CellStore;
  readonly entityStore: () => EntityStore;
  /** Null if the stage has no search. */
  readonly searchIndex: () => SearchIndex | null;
  readonly hasSearch: () => boolean;
  /** How far the search index is behind; null if the platform measures that itself. */
  readonly indexLag: IndexLag | null;
  readonly healthKept: HealthKept;
  /** Counts the quarantine; null where that would read large files. */
  readonly rejected: RejectedCount | null;
  /** Null if the stores' own alarms say when they are full. */
  readonly room: () => Room | null;
  readonly lake: () => ObjectStore;
  /** The address of a lake's file for other tools; null if they read the folder itself. */
  readonly lakeUri: ((key: string) => string) | null;
  /** Whether small raw files may be joined: only if no other run can still be reading them. */
  readonly compactsRaw: boolean;
  readonly sqlEngine: () => SqlEngine;
  /** The same for calls that explain numbers, beside the batch layer: with less memory, if they share a machine. */
  readonly explainEngine: () => SqlEngine;
  readonly quarantine: () => DeliveryStream;
  readonly deadLetters: () => DeadLetters;
  readonly tokens: () => TokenStore;
  /** Null if the host itself streams live numbers, or the stage has none. */
  readonly liveConnections: () => LiveConnections | null;
  readonly livePost: () => LivePost | null;
  /** Where a client opens such a connection. */
  readonly liveUrl: () => string | null;
  /** Prevents a second concurrent run of the batch layer. */
  readonly alone: Alone;
  /** Starts a run of the batch layer, and does not wait for it. @param depth how many runs led to it, each started by the one before */
  readonly startRecompute: (depth?: number) => Promise<void>;
  /** Rebuilds search indexes, as requested through the API. */
  readonly requestReindex: (request: unknown) => Promise<void>;
  /** Starts the next run when this one has no time left. */
  readonly startReindex: (request: unknown) => Promise<void>;
  /** Wraps a handler for Lambda, or for `sls invoke local`, with everything that each invocation needs. */
  readonly onLambda: <E, R>(make: () => (event: E, context: CallContext) => Promise<R>) => (event: E, context: CallContext) => Promise<R>;
}

/** A platform's module. It does not compile if an export is missing, has the wrong type, or is named by neither `Platform` nor `Own`. */
export type Held<P extends Platform & Unnamed<P, Own>, Own extends string> = P;
type Unnamed<P, Own extends string> = { readonly [K in Exclude<keyof P, keyof Platform | Own>]: 'Expected an export that Platform names' };

/** The folder's owner is only for the commands of one machine. */
export type Embedded = Held<typeof import('./embedded.ts'), 'owner'>;
export type Aws = Held<typeof import('./aws.ts'), never>;
