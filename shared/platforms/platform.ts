import type { Alone } from '../batch/lease.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeadLetters } from '../ports/dead-letters.ts';
import type { DeliveryStream } from '../ports/delivery-stream.ts';
import type { EntityStore } from '../ports/entity-store.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { LogReader } from '../ports/log-reader.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Room } from '../ports/room.ts';
import type { SearchIndex } from '../ports/search-index.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { TokenStore } from '../ports/token-store.ts';
import type { IndexLag } from '../query/health.ts';
import type { CallContext } from '../request/http.ts';
import type { FunctionSettings } from './environment.ts';

/**
 * What functions import from '#platform'. A platform is a module of such exports, and no object: a bundle holds only the ports
 * that its function asks for. Each port is made when it is first asked for, once.
 */
export interface Platform {
  readonly clock: Clock;
  readonly settings: () => FunctionSettings;
  readonly telemetry: () => Telemetry;
  readonly eventLog: () => EventLog;
  readonly lanes: () => number;
  /** Of functions that need nothing else of the log. */
  readonly logStatus: EventLog['status'];
  /** Reads the log anew where a raw file is lost; null where the lake keeps versions of its own. */
  readonly readLog: () => LogReader['read'] | null;
  readonly cellStore: () => CellStore;
  readonly entityStore: () => EntityStore;
  /** Null where the stage has no search. */
  readonly searchIndex: () => SearchIndex | null;
  readonly hasSearch: () => boolean;
  /** How far the search index is behind; null where the platform measures that itself. */
  readonly indexLag: IndexLag | null;
  /** Null where the stores' own alarms say when they are full. */
  readonly room: () => Room | null;
  readonly lake: () => ObjectStore;
  /** Where other tools read a file of the lake; null where they read the folder itself. */
  readonly lakeUri: ((key: string) => string) | null;
  /** Whether small raw files may be joined: only where no other run can still be reading them. */
  readonly compactsRaw: boolean;
  readonly sqlEngine: () => SqlEngine;
  readonly quarantine: () => DeliveryStream;
  readonly deadLetters: () => DeadLetters;
  readonly tokens: () => TokenStore;
  /** Keeps a second run of the batch layer back. */
  readonly alone: Alone;
  /** Starts a run of the batch layer, and does not wait for it. */
  readonly startRecompute: () => Promise<void>;
  /** As the API asks for search indexes to be built anew. */
  readonly requestReindex: (request: unknown) => Promise<void>;
  /** As a run that has no time left starts the next one. */
  readonly startReindex: (request: unknown) => Promise<void>;
  /** A handler as Lambda, or `sls invoke local`, calls it, with all that every invocation needs. */
  readonly onLambda: <E, R>(make: () => (event: E, context: CallContext) => Promise<R>) => (event: E, context: CallContext) => Promise<R>;
}

/** A platform's module. One that lacks an export, has another under its name, or has one that neither `Platform` nor `Own` names, does not compile. */
export type Held<P extends Platform & Unnamed<P, Own>, Own extends string> = P;
type Unnamed<P, Own extends string> = { readonly [K in Exclude<keyof P, keyof Platform | Own>]: 'Expected an export that Platform names' };

/** Its owner is for the commands of one machine alone. */
export type Embedded = Held<typeof import('./embedded.ts'), 'owner'>;
export type Aws = Held<typeof import('./aws.ts'), never>;
