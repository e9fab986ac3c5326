import type { Pipeline } from '../definition/define.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { LogReader } from '../ports/log-reader.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { LinkPorts } from './view-links.ts';

/** The ports and settings of the batch layer; each part of it takes what it needs. */
export interface RecomputePorts {
  readonly pipeline: Pipeline;
  readonly store: CellStore;
  readonly log: EventLog;
  /** Reads the log, to restore missing raw files; null if that is not available. */
  readonly readLog: LogReader['read'] | null;
  readonly lake: ObjectStore;
  readonly engine: SqlEngine;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly epochLengthMs: number;
  readonly duplicateWindowMs: number;
  /** How long after their epoch cells expire by themselves; null if they do not. */
  readonly cellsKeptMs: number | null;
  /** Queries that run at the same time. */
  readonly parallel: number;
  /** Published generations that are kept ready to be activated. */
  readonly keep: number;
  /** How long to back off after a failed run; twice as long after each further one, up to six hours. */
  readonly retryMs: number;
  readonly uriOf: LinkPorts['uriOf'];
  /** Whether raw files are joined once a generation holds them; allowed only if nothing else reads them meanwhile. */
  readonly compactsRaw: boolean;
}
