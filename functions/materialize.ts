import pipeline from '#pipeline';
import { cellStore, clock, entityStore, eventLog, onLambda, quarantine, settings, telemetry } from '#platform';
import { fromKinesis } from '../shared/adapters/aws/kinesis-records.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import { type MaterializePorts, materializer } from '../shared/speed/materialize.ts';
import { onStream } from './middleware/on-stream.ts';

/** The log's consumer for entities: folds a shard's records into them. */
export const materialize = (ports: MaterializePorts) => materializer(ports);

/** Over the ports of a platform. */
export const bind = (
  pipeline: Pipeline,
  {
    cellStore,
    clock,
    entityStore,
    eventLog,
    quarantine,
    settings,
    telemetry,
  }: Pick<Platform, 'cellStore' | 'clock' | 'entityStore' | 'eventLog' | 'quarantine' | 'settings' | 'telemetry'>,
) =>
  materialize({
    pipeline,
    telemetry: telemetry(),
    store: cellStore(),
    entities: entityStore(),
    log: eventLog(),
    quarantine: quarantine(),
    clock,
    epochLengthMs: settings().epochLengthMs,
    duplicateWindowMs: settings().duplicateWindowMs,
    cacheBytes: settings().cacheBytes,
    writeUnitBytes: settings().writeUnitBytes,
  });

export const handler = onLambda(() => onStream(fromKinesis, bind(pipeline, { cellStore, clock, entityStore, eventLog, quarantine, settings, telemetry })));
