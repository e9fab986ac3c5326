import type { NamedEntity } from '../domain/define.ts';
import { entityId } from '../domain/entity-item.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeliveryStream } from '../ports/delivery-stream.ts';
import type { EntityStore } from '../ports/entity-store.ts';
import type { SearchDocument, SearchIndex } from '../ports/search-index.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { keepRefused } from './refused.ts';
import { schemaOf } from './schema.ts';

export interface RebuildPorts {
  readonly entities: EntityStore;
  readonly index: SearchIndex;
  readonly quarantine: DeliveryStream;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}
export interface Rebuilt {
  readonly entity: string;
  readonly documents: number;
  /** Documents that the index will not take; they stand in quarantine. */
  readonly refused: number;
}

const BATCH = 500;
const PROGRESS_EVERY = 10_000;

/**
 * Builds an entity's index anew from the store, beside the one that answers, and lets it take over. A change reaches the
 * store before it reaches an index: one that was written to the old index alone was begun before the fresh one was there,
 * so the scan, which begins after, sees it.
 * @throws if the index does not take a document now, or another rebuild was begun meanwhile.
 */
export const rebuild = async ({ entities, index, telemetry, ...ports }: RebuildPorts, named: NamedEntity): Promise<Rebuilt> => {
  const schema = schemaOf(named);
  const entity = entityId(named);
  const fresh = await index.begin(schema);
  telemetry.info('Building a search index', { entity, index: fresh });
  let [documents, refused] = [0, 0];
  const write = async (batch: readonly SearchDocument[]): Promise<void> => {
    const written = await index.write(schema, batch);
    const failed = written.find(({ state }) => state === 'failed');
    if (failed?.state === 'failed') throw new Error(`${entity}: Expected the index to take ${batch.length} documents, got ${failed.reason}. Try again.`);
    const left = batch.flatMap((document, i) => {
      const result = written[i];
      return result?.state === 'refused' ? [{ entity, document, reason: result.reason }] : [];
    });
    await keepRefused(ports, left);
    refused += left.length;
    documents += batch.length - left.length;
    if (Math.floor(documents / PROGRESS_EVERY) > Math.floor((documents - batch.length) / PROGRESS_EVERY))
      telemetry.info('Indexed', { entity, documents, refused });
  };
  let batch: SearchDocument[] = [];
  for await (const { key, version, deleted, fields } of entities.scan(entity)) {
    batch.push({ key, version, fields: deleted ? null : fields });
    if (batch.length < BATCH) continue;
    await write(batch);
    batch = [];
  }
  if (batch.length > 0) await write(batch);
  if (!(await index.finish(schema, fresh)))
    throw new Error(`${entity}: Expected ${fresh} to take over, but another rebuild was begun meanwhile. That one goes on.`);
  telemetry.info('The search index was built', { entity, index: fresh, documents, refused });
  return { entity: named.name, documents, refused };
};
