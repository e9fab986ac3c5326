import pipeline from '#pipeline';
import { clock, onLambda, quarantine, searchIndex, telemetry } from '#platform';
import { fromDynamodb } from '../shared/adapters/aws/dynamodb-changes.ts';
import { once } from '../shared/platforms/once.ts';
import { type IndexPorts, indexChanges } from '../shared/search/index-changes.ts';
import { onStream } from './middleware/on-stream.ts';

/** The consumer of the entity store's change stream: keeps the search index in sync. */
export const indexEntities = (ports: IndexPorts) => indexChanges(ports);

/** Over the platform's own ports. */
export const bound = once(() => indexEntities({ pipeline, index: searchIndex(), quarantine: quarantine(), clock, telemetry: telemetry() }));

export const handler = onLambda(() => onStream(fromDynamodb, bound()));
