import pipeline from '#pipeline';
import { clock, entityStore, onLambda, quarantine, searchIndex, startReindex, telemetry } from '#platform';
import type { NamedEntity, Pipeline } from '../shared/definition/define.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { SearchIndex } from '../shared/ports/search-index.ts';
import type { CallContext } from '../shared/request/http.ts';
import { type RebuildPlace, type RebuildPorts, type Rebuilt, rebuild } from '../shared/search/rebuild.ts';
import { schemaOf } from '../shared/search/schema.ts';
import { entityId } from '../shared/storage/entity-item.ts';

export interface ReindexPorts extends Omit<RebuildPorts, 'index'> {
  readonly pipeline: Pipeline;
  /** Null if the stage has no search. */
  readonly index: SearchIndex | null;
  readonly startReindex: (request: ReindexRequest) => Promise<void>;
}
export interface ReindexRequest {
  /** Entities by name; without it, those whose index does not match the pipeline, as after a deploy that changed them. */
  readonly entities?: readonly string[];
  /** Where the previous run stopped, in the first of them. */
  readonly from?: RebuildPlace;
  /** How many runs led to this one, each started by the one before. */
  readonly depth?: number;
}

/** Days of runs. Lambda's guard against loops, which ends a chain after some 16 runs, is off for this function; this one ends a mistake. */
const MAX_RUNS = 1_000;

/** The time that one page of a store and the start of the next run may take. */
const SPARE_MS = 120_000;

/**
 * Rebuilds search indexes from the entity store. A run that runs out of time starts the next one, which continues there.
 * @returns what this run finished.
 * @throws {RangeError} if an entity is unknown, there is no search, or runs started one another without end.
 */
export const reindex =
  ({ pipeline, index, startReindex, ...ports }: ReindexPorts) =>
  async ({ entities, from, depth = 0 }: ReindexRequest, context: CallContext): Promise<readonly Rebuilt[]> => {
    if (index === null) {
      if (entities === undefined) return [];
      throw new RangeError('Expected a stage with search, got one without: see search in serverless.yml');
    }
    if (depth >= MAX_RUNS) throw new RangeError(`Expected an index to be rebuilt within ${MAX_RUNS} runs, got ${depth} for ${entities?.join(', ')}`);
    const wanted = entities === undefined ? await stale(index, Object.values(pipeline.entities)) : entities.map((name) => entityOf(pipeline, name));
    const hasTime = () => context.getRemainingTimeInMillis() > SPARE_MS;
    const done: Rebuilt[] = [];
    for (const [i, entity] of wanted.entries()) {
      const left = wanted.slice(i).map(({ name }) => name);
      // Each run makes some progress on the first.
      if (i > 0 && !hasTime()) {
        await startReindex({ entities: left, depth: depth + 1 });
        break;
      }
      const place = i === 0 ? (from ?? null) : null;
      // A deploy that changes a definition rebuilds its index itself.
      if (place !== null && place.entity !== entityId(entity)) continue;
      const result = await rebuild({ ...ports, index }, entity, place, hasTime);
      if ('stopped' in result) {
        await startReindex({ entities: left, from: result.stopped, depth: depth + 1 });
        break;
      }
      done.push(result.rebuilt);
    }
    return done;
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

/** Over the ports of a platform. */
export const bind = (
  pipeline: Pipeline,
  {
    clock,
    entityStore,
    quarantine,
    searchIndex,
    startReindex,
    telemetry,
  }: Pick<Platform, 'clock' | 'entityStore' | 'quarantine' | 'searchIndex' | 'startReindex' | 'telemetry'>,
) => reindex({ pipeline, entities: entityStore(), index: searchIndex(), quarantine: quarantine(), clock, telemetry: telemetry(), startReindex });

export const handler = onLambda(() => bind(pipeline, { clock, entityStore, quarantine, searchIndex, startReindex, telemetry }));
