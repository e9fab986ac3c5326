import { cellStore, clock, eventLog, lake, onLambda, settings, telemetry } from '#platform';
import { archiver } from '../shared/batch/archive.ts';
import type { ShardPorts } from '../shared/consume/shard-batch.ts';
import type { ObjectStore } from '../shared/ports/object-store.ts';

/** The log's batch consumer: writes a shard's lines to the lake. */
export const archive = (ports: ShardPorts & { lake: ObjectStore }) => archiver(ports);

export const handler = onLambda(() =>
  archive({ telemetry: telemetry(), store: cellStore(), log: eventLog(), lake: lake(), clock, epochLengthMs: settings().epochLengthMs }),
);
