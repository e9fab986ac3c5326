import { cellStore, clock, eventLog, lake, onLambda, settings, telemetry } from '#platform';
import { fromKinesis } from '../shared/adapters/aws/kinesis-records.ts';
import { archiver } from '../shared/batch/archive.ts';
import type { ShardPorts } from '../shared/consume/shard-batch.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { ObjectStore } from '../shared/ports/object-store.ts';
import { onStream } from './middleware/on-stream.ts';

/** The log's batch consumer: writes a shard's lines to the lake. */
export const archive = (ports: ShardPorts & { lake: ObjectStore }) => archiver(ports);

/** Over the ports of a platform. */
export const bind = ({
  cellStore,
  clock,
  eventLog,
  lake,
  settings,
  telemetry,
}: Pick<Platform, 'cellStore' | 'clock' | 'eventLog' | 'lake' | 'settings' | 'telemetry'>) =>
  archive({ telemetry: telemetry(), store: cellStore(), log: eventLog(), lake: lake(), clock, epochLengthMs: settings().epochLengthMs });

export const handler = onLambda(() => onStream(fromKinesis, bind({ cellStore, clock, eventLog, lake, settings, telemetry })));
