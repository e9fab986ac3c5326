import type { NamedEntity } from '../definition/define.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeliveryStream } from '../ports/delivery-stream.ts';
import type { EntityStore } from '../ports/entity-store.ts';
import type { SearchDocument, SearchIndex } from '../ports/search-index.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { entityId } from '../storage/entity-item.ts';
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
  /** Documents that the index refused for good; they are in quarantine. */
  readonly refused: number;
}

/** Where a rebuild stopped. */
export interface RebuildPlace {
  /** The entity and its definition's hash. */
  readonly entity: string;
  readonly index: string;
  /** The position of the next page of the entity's items. */
  readonly after: string;
  readonly documents: number;
  readonly refused: number;
}

const PROGRESS_EVERY = 10_000;

/**
 * Rebuilds an entity's index from the store, beside the one in use, then replaces that. A change reaches the store before it
 * reaches an index: a write that went only to the old index began before the new one existed, so the scan, which begins
 * afterwards, sees it.
 * @param from where an earlier run stopped; null to begin.
 * @param hasTime called after each page: once it returns false, the rebuild stops, and returns where.
 * @throws if the index does not accept a document now, or another rebuild was begun meanwhile.
 */
export const rebuild = async (
  { entities, index, telemetry, ...ports }: RebuildPorts,
  named: NamedEntity,
  from: RebuildPlace | null,
  hasTime: () => boolean,
): Promise<{ readonly rebuilt: Rebuilt } | { readonly stopped: RebuildPlace }> => {
  const schema = schemaOf(named);
  const entity = entityId(named);
  const fresh = from?.index ?? (await index.begin(schema));
  telemetry.info(from === null ? 'Building a search index' : 'Resuming the build of a search index', { entity, index: fresh });
  let { documents = 0, refused = 0 } = from ?? {};
  const write = async (batch: readonly SearchDocument[]): Promise<void> => {
    const written = await index.write(schema, batch);
    const failed = written.find(({ state }) => state === 'failed');
    if (failed?.state === 'failed') throw new Error(`${entity}: Expected the index to accept ${batch.length} documents, got ${failed.reason}. Try again.`);
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
  for (let after = from?.after ?? null; ; ) {
    const { items, next } = await entities.scan(entity, after);
    if (items.length > 0) await write(items.map(({ key, version, deleted, fields }) => ({ key, version, fields: deleted ? null : fields })));
    if (next === null) break;
    if (!hasTime()) return { stopped: { entity, index: fresh, after: next, documents, refused } };
    after = next;
  }
  if (!(await index.finish(schema, fresh)))
    throw new Error(`${entity}: Expected ${fresh} to be put into use, but another rebuild was begun meanwhile. That one continues.`);
  telemetry.info('The search index was built', { entity, index: fresh, documents, refused });
  return { rebuilt: { entity: named.name, documents, refused } };
};
