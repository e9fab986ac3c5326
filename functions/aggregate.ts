import pipeline from '#pipeline';
import { cellStore, clock, eventLog, onLambda, quarantine, settings, telemetry } from '#platform';
import { fromKinesis } from '../shared/adapters/aws/kinesis-records.ts';
import { once } from '../shared/platforms/once.ts';
import { type AggregatePorts, speedLayer } from '../shared/speed/aggregate.ts';
import { onStream } from './middleware/on-stream.ts';

/** The log's speed consumer: folds a shard's records into cells. */
export const aggregate = (ports: AggregatePorts) => speedLayer(ports);

/** Over the platform's own ports. */
export const bound = once(() => {
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

export const handler = onLambda(() => onStream(fromKinesis, bound()));
