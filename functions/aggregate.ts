import pipeline from '#pipeline';
import { cellStore, clock, eventLog, lake, onLambda, quarantine, settings, telemetry } from '#platform';
import { fromKinesis } from '../shared/adapters/aws/kinesis-records.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import { type AggregatePorts, speedLayer } from '../shared/speed/aggregate.ts';
import { onStream } from './middleware/on-stream.ts';

/** The log's speed consumer: folds a shard's records into cells. */
export const aggregate = (ports: AggregatePorts) => speedLayer(ports);

/** Over the ports of a platform. */
export const bind = (
  pipeline: Pipeline,
  {
    cellStore,
    clock,
    eventLog,
    lake,
    quarantine,
    settings,
    telemetry,
  }: Pick<Platform, 'cellStore' | 'clock' | 'eventLog' | 'lake' | 'quarantine' | 'settings' | 'telemetry'>,
) =>
  aggregate({
    pipeline,
    telemetry: telemetry(),
    store: cellStore(),
    log: eventLog(),
    lake: lake(),
    quarantine: quarantine(),
    clock,
    epochLengthMs: settings().epochLengthMs,
    duplicateWindowMs: settings().duplicateWindowMs,
    cellPartBytes: settings().cellPartBytes,
    cellsKeptMs: settings().cellsKeptMs,
    cacheBytes: settings().cacheBytes,
    fastPath: true,
    writeUnitBytes: settings().writeUnitBytes,
  });

export const handler = onLambda(() => onStream(fromKinesis, bind(pipeline, { cellStore, clock, eventLog, lake, quarantine, settings, telemetry })));
