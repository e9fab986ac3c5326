import pipeline from '#pipeline';
import { cellStore, clock, eventLog, onLambda, quarantine, settings, telemetry } from '#platform';
import { type AggregatePorts, speedLayer } from '../shared/speed/aggregate.ts';

/** The log's speed consumer: folds a shard's records into cells. */
export const aggregate = (ports: AggregatePorts) => speedLayer(ports);

export const handler = onLambda(() => {
  const { epochLengthMs, duplicateWindowMs } = settings();
  return aggregate({
    pipeline,
    telemetry: telemetry(),
    store: cellStore(),
    log: eventLog(),
    quarantine: quarantine(),
    clock,
    epochLengthMs,
    duplicateWindowMs,
  });
});
