import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Clock } from '../../ports/clock.ts';
import type { DeliveryStream } from '../../ports/delivery-stream.ts';
import type { ObjectStore } from '../../ports/object-store.ts';
import { quarantinePrefix } from '../../storage/lake.ts';

/** Writes each delivery at once, a file per reason, with the paths of the delivery stream on AWS. */
export const quarantineFolder = ({ store, clock }: { store: ObjectStore; clock: Clock }): DeliveryStream => ({
  deliver: async (records) => {
    const byReason = new Map<string, Uint8Array[]>();
    for (const record of records) {
      const { reason } = JSON.parse(Buffer.from(record).toString()) as { reason: string };
      byReason.set(reason, [...(byReason.get(reason) ?? []), record]);
    }
    const now = clock();
    for (const [reason, entries] of byReason)
      await store.put(
        `${quarantinePrefix(reason, now)}${new Date(now).toISOString().replaceAll(':', '-')}-${randomUUID()}.gz`,
        gzipSync(Buffer.concat(entries)),
      );
  },
});
