import pipeline from '#pipeline';
import { cellStore, clock, entityStore, eventLog, onLambda, quarantine, settings, telemetry } from '#platform';
import { type MaterializePorts, materializer } from '../shared/speed/materialize.ts';

/** The log's consumer for entities: folds a shard's records into them. */
export const materialize = (ports: MaterializePorts) => materializer(ports);

export const handler = onLambda(() => {
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
