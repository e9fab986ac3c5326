import { isDeepStrictEqual } from 'node:util';
import type { Pipeline } from '../definition/define.ts';
import { compareSequence } from '../log/sequence.ts';
import type { Change } from '../ports/change-reader.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeliveryStream } from '../ports/delivery-stream.ts';
import type { BatchOutcome } from '../ports/log-reader.ts';
import type { SearchDocument, SearchIndex } from '../ports/search-index.ts';
import type { SearchSchema } from '../ports/search-question.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { entityId } from '../storage/entity-item.ts';
import { keepRefused, type Refused } from './refused.ts';
import { schemaOf } from './schema.ts';

export interface IndexPorts {
  readonly pipeline: Pipeline;
  /** Null if the stage has no search: then changes are dropped. */
  readonly index: SearchIndex | null;
  readonly quarantine: DeliveryStream;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}
/** The index write that a change leads to. */
interface IndexWrite {
  readonly sequenceNumber: string;
  readonly entity: string;
  readonly document: SearchDocument;
}

/**
 * Applies a batch of the entity store's changes to the search index. Of an entity's changes only the newest is written,
 * and only if it changes what is shown. The result names the first change that failed: all from there on are retried.
 */
export const indexChanges = ({ pipeline, index, telemetry, ...ports }: IndexPorts) => {
  const schemas = new Map<string, SearchSchema>(Object.values(pipeline.entities).map((entity) => [entityId(entity), schemaOf(entity)]));
  return async (changes: readonly Change[]): Promise<BatchOutcome> => {
    if (index === null) return { failedFrom: null };
    const writes = newest(changes.flatMap((change) => writeOf(change) ?? []));
    const failed: string[] = [];
    const refused: (Refused & { readonly sequenceNumber: string })[] = [];
    for (const [entity, schema] of schemas) {
      const own = writes.filter((write) => write.entity === entity);
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
        telemetry.warn('The search index did not accept an entity', { entity, state: result?.state, reason: result?.reason });
      }
    }
    const lowest = failed.sort(compareSequence)[0] ?? null;
    // Later ones are retried, and will be refused again.
    const passed = lowest === null ? refused : refused.filter(({ sequenceNumber }) => compareSequence(sequenceNumber, lowest) < 0);
    await keepRefused(ports, passed);
    telemetry.count('indexed', writes.length - failed.length - refused.length);
    telemetry.count('index_refused', passed.length);
    if (lowest !== null) telemetry.count('index_failures', 1);
    return { failedFrom: lowest };
  };

  /** Null if the change does not concern the index. */
  function writeOf({ sequenceNumber, before, after }: Change): IndexWrite | null {
    const shown = after ?? before;
    // Of another identity than the pipeline's: it cannot be queried.
    if (shown === null || !schemas.has(shown.entity)) return null;
    const { entity, key, version } = shown;
    if (after === null) return { sequenceNumber, entity, document: { key, version: version + 1, fields: null } };
    if (before !== null && before.deleted === after.deleted && isDeepStrictEqual(before.fields, after.fields)) return null;
    return { sequenceNumber, entity, document: { key, version, fields: after.deleted ? null : after.fields } };
  }
};

/** The newest write of each entity. */
const newest = (writes: readonly IndexWrite[]): IndexWrite[] => {
  const byKey = new Map<string, IndexWrite>();
  for (const write of writes) {
    const name = `${write.entity}#${write.document.key}`;
    const other = byKey.get(name);
    if (other === undefined || other.document.version <= write.document.version) byKey.set(name, write);
  }
  return [...byKey.values()];
};
