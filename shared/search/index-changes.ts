import { isDeepStrictEqual } from 'node:util';
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { Pipeline } from '../definition/define.ts';
import { compareSequence } from '../log/sequence.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeliveryStream } from '../ports/delivery-stream.ts';
import type { EntityItem } from '../ports/entity-store.ts';
import type { SearchDocument, SearchIndex } from '../ports/search-index.ts';
import type { SearchSchema } from '../ports/search-question.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { type Attributes, entityId, itemOf } from '../storage/entity-item.ts';
import { keepRefused, type Refused } from './refused.ts';
import { schemaOf } from './schema.ts';

export interface IndexPorts {
  readonly pipeline: Pipeline;
  /** Null where the stage has no search: then changes are let go. */
  readonly index: SearchIndex | null;
  readonly quarantine: DeliveryStream;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}
interface Change {
  readonly sequenceNumber: string;
  readonly entity: string;
  readonly document: SearchDocument;
}

/**
 * Takes a batch of the entity store's change stream to the search index. Of an entity's changes only the newest is written,
 * and none that leaves what is shown as it was. An answer names the lowest change that failed: Lambda tries again from there.
 */
export const indexChanges = ({ pipeline, index, telemetry, ...ports }: IndexPorts) => {
  const schemas = new Map<string, SearchSchema>(Object.values(pipeline.entities).map((entity) => [entityId(entity), schemaOf(entity)]));
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    if (index === null) return { batchItemFailures: [] };
    const changes = newest(Records.flatMap((record) => changeOf(record) ?? []));
    const failed: string[] = [];
    const refused: (Refused & { readonly sequenceNumber: string })[] = [];
    for (const [entity, schema] of schemas) {
      const own = changes.filter((change) => change.entity === entity);
      if (own.length === 0) continue;
      const written = await index.write(
        schema,
        own.map(({ document }) => document),
      );
      for (const [i, { sequenceNumber, document }] of own.entries()) {
        const result = written[i];
        if (result?.state === 'done') continue;
        if (result?.state === 'refused') refused.push({ sequenceNumber, entity, document, reason: result.reason });
        else failed.push(sequenceNumber);
        telemetry.warn('The search index did not take an entity', { entity, state: result?.state, reason: result?.reason });
      }
    }
    const [lowest] = failed.sort(compareSequence);
    // What stands behind the lowest comes again, and is refused again.
    const passed = lowest === undefined ? refused : refused.filter(({ sequenceNumber }) => compareSequence(sequenceNumber, lowest) < 0);
    await keepRefused(ports, passed);
    telemetry.count('indexed', changes.length - failed.length - refused.length);
    telemetry.count('index_refused', passed.length);
    if (lowest === undefined) return { batchItemFailures: [] };
    telemetry.count('index_failures', 1);
    return { batchItemFailures: [{ itemIdentifier: lowest }] };
  };

  /** Null where the index need not know of it. */
  function changeOf({ eventName, dynamodb }: DynamoDBRecord): Change | null {
    const sequenceNumber = dynamodb?.SequenceNumber ?? '';
    const image = (attributes: unknown): EntityItem | null => (attributes === undefined ? null : itemOf(attributes as Attributes));
    const [before, after] = [image(dynamodb?.OldImage), image(dynamodb?.NewImage)];
    const item = after ?? before;
    if (item === null || (after === null && eventName !== 'REMOVE'))
      throw new RangeError(`Expected a stream of NEW_AND_OLD_IMAGES, got ${dynamodb?.StreamViewType} at ${sequenceNumber}`);
    // Of another identity than the pipeline's: nobody can ask for it.
    if (!schemas.has(item.entity)) return null;
    const { entity, key } = item;
    if (after === null) return { sequenceNumber, entity, document: { key, version: item.version + 1, fields: null } };
    if (before !== null && before.deleted === after.deleted && isDeepStrictEqual(before.fields, after.fields)) return null;
    return { sequenceNumber, entity, document: { key, version: after.version, fields: after.deleted ? null : after.fields } };
  }
};

/** The newest change of each entity. */
const newest = (changes: readonly Change[]): Change[] => {
  const byKey = new Map<string, Change>();
  for (const change of changes) {
    const name = `${change.entity}#${change.document.key}`;
    const other = byKey.get(name);
    if (other === undefined || other.document.version <= change.document.version) byKey.set(name, change);
  }
  return [...byKey.values()];
};
