import pipeline from '#pipeline';
import { clock, onLambda, quarantine, searchIndex, telemetry } from '#platform';
import { type IndexPorts, indexChanges } from '../shared/search/index-changes.ts';

/** The consumer of the entity store's change stream: keeps the search index like it. */
export const indexEntities = (ports: IndexPorts) => indexChanges(ports);

export const handler = onLambda(() => indexEntities({ pipeline, index: searchIndex(), quarantine: quarantine(), clock, telemetry: telemetry() }));
