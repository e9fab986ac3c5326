import { eventLog, onLambda, telemetry } from '#platform';
import { HEARTBEAT } from '../shared/domain/record.ts';
import type { EventLog } from '../shared/ports/event-log.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';

/** Scheduled: an empty record into every open shard, so that the epochs of idle ones move on too. */
export const heartbeat =
  ({ log, telemetry }: { log: EventLog; telemetry: Telemetry }) =>
  async (): Promise<{ shards: number }> => {
    const open = (await log.shards()).filter((shard) => shard.open).map(({ id }) => id);
    await log.appendToShards(open, HEARTBEAT);
    telemetry.debug('Heartbeat', { shards: open.length });
    return { shards: open.length };
  };

export const handler = onLambda(() => heartbeat({ log: eventLog(), telemetry: telemetry() }));
