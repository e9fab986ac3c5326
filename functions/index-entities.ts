import pipeline from '#pipeline';
import { clock, onLambda, quarantine, searchIndex, telemetry } from '#platform';
import { fromDynamodb } from '../shared/adapters/aws/dynamodb-changes.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import { type IndexPorts, indexChanges } from '../shared/search/index-changes.ts';
import { onStream } from './middleware/on-stream.ts';

/** The consumer of the entity store's change stream: keeps the search index in sync. */
export const indexEntities = (ports: IndexPorts) => indexChanges(ports);

/** Over the ports of a platform. */
export const bind = (pipeline: Pipeline, { clock, quarantine, searchIndex, telemetry }: Pick<Platform, 'clock' | 'quarantine' | 'searchIndex' | 'telemetry'>) =>
  indexEntities({ pipeline, index: searchIndex(), quarantine: quarantine(), clock, telemetry: telemetry() });

export const handler = onLambda(() => onStream(fromDynamodb, bind(pipeline, { clock, quarantine, searchIndex, telemetry })));
