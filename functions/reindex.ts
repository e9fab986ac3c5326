import pipeline from '#pipeline';
import { clock, entityStore, onLambda, quarantine, searchIndex, telemetry } from '#platform';
import type { NamedEntity, Pipeline } from '../shared/domain/define.ts';
import type { SearchIndex } from '../shared/ports/search-index.ts';
import { type RebuildPorts, type Rebuilt, rebuild } from '../shared/search/rebuild.ts';
import { schemaOf } from '../shared/search/schema.ts';

export interface ReindexPorts extends Omit<RebuildPorts, 'index'> {
  readonly pipeline: Pipeline;
  /** Null where the stage has no search. */
  readonly index: SearchIndex | null;
}
export interface ReindexRequest {
  /** Entities by name; without it, those whose index is not the pipeline's, as after a deploy that changed them. */
  readonly entities?: readonly string[];
}

/** Rebuilds search indexes from the entity store. @throws {RangeError} where an entity is unknown, or there is no search. */
export const reindex =
  ({ pipeline, index, ...ports }: ReindexPorts) =>
  async ({ entities }: ReindexRequest): Promise<readonly Rebuilt[]> => {
    if (index === null) {
      if (entities === undefined) return [];
      throw new RangeError('Expected a stage with search, got one without: see search in serverless.yml');
    }
    const wanted = entities === undefined ? await stale(index, Object.values(pipeline.entities)) : entities.map((name) => entityOf(pipeline, name));
    const rebuilt: Rebuilt[] = [];
    for (const entity of wanted) rebuilt.push(await rebuild({ ...ports, index }, entity));
    return rebuilt;
  };

const stale = async (index: SearchIndex, entities: readonly NamedEntity[]): Promise<NamedEntity[]> => {
  const current = await Promise.all(entities.map((entity) => index.isCurrent(schemaOf(entity))));
  return entities.filter((_, i) => current[i] === false);
};
const entityOf = ({ entities }: Pipeline, name: string): NamedEntity => {
  const entity = Object.hasOwn(entities, name) ? entities[name] : undefined;
  if (entity === undefined) throw new RangeError(`Expected one of ${Object.keys(entities).join(', ')}, got '${name}'`);
  return entity;
};

export const handler = onLambda(() =>
  reindex({ pipeline, entities: entityStore(), index: searchIndex(), quarantine: quarantine(), clock, telemetry: telemetry() }),
);
