import type { Pipeline } from '../definition/define.ts';
import type { CellStore } from '../ports/cell-store.ts';
import type { Clock } from '../ports/clock.ts';
import type { EventLog } from '../ports/event-log.ts';
import type { LogReader } from '../ports/log-reader.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { SqlEngine } from '../ports/sql-engine.ts';
import type { Telemetry } from '../ports/telemetry.ts';

export interface ExplainPorts {
  readonly pipeline: Pipeline;
  readonly store: CellStore;
  readonly lake: ObjectStore;
  readonly log: EventLog;
  /** Reads the end of the log, which the lake does not hold yet. */
  readonly readTail: LogReader['read'];
  readonly engine: SqlEngine;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly epochLengthMs: number;
  readonly duplicateWindowMs: number;
}
