import { encodeEntry, quarantineEntry } from '../ingest/quarantine-entry.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeliveryStream } from '../ports/delivery-stream.ts';
import type { SearchDocument } from '../ports/search-index.ts';

export interface Refused {
  readonly entity: string;
  readonly document: SearchDocument;
  readonly reason: string;
}

/** Puts documents that the index refused for good into quarantine, with its reason. */
export const keepRefused = async ({ quarantine, clock }: { quarantine: DeliveryStream; clock: Clock }, refused: readonly Refused[]): Promise<void> => {
  if (refused.length === 0) return;
  const entries = refused.map(({ entity, document, reason }) =>
    quarantineEntry({ reason: 'index-refused', errors: [{ message: reason }] }, Buffer.from(JSON.stringify({ entity, ...document })), clock(), {
      type: null,
      headers: {},
      fallbackId: null,
    }),
  );
  await quarantine.deliver(entries.map(encodeEntry));
};
