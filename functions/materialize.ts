import pipeline from '#pipeline';
import { cellStore, clock, entityStore, eventLog, onLambda, quarantine, settings, telemetry } from '#platform';
import { fromKinesis } from '../shared/adapters/aws/kinesis-records.ts';
import { once } from '../shared/platforms/once.ts';
import { type MaterializePorts, materializer } from '../shared/speed/materialize.ts';
import { onStream } from './middleware/on-stream.ts';

/** The log's consumer for entities: folds a shard's records into them. */
export const materialize = (ports: MaterializePorts) => materializer(ports);

/** Over the platform's own ports. */
export const bound = once(() => {
  const { epochLengthMs, duplicateWindowMs } = settings();
  return materialize({
    pipeline,
    telemetry: telemetry(),
    store: cellStore(),
    entities: entityStore(),
    log: eventLog(),
    quarantine: quarantine(),
    clock,
    epochLengthMs,
    duplicateWindowMs,
  });
});

export const handler = onLambda(() => onStream(fromKinesis, bound()));
