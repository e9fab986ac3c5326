import type { Operations } from './operation.ts';
import { batchOperations } from './operations/batch.ts';
import { deadLetterOperations } from './operations/dead-letters.ts';
import { entityOperations } from './operations/entities.ts';
import { eventOperations } from './operations/events.ts';
import { exclusionOperations } from './operations/exclusions.ts';
import { lookupOperations } from './operations/lookups.ts';
import { metricOperations } from './operations/metrics.ts';
import { quarantineOperations } from './operations/quarantine.ts';
import { serviceOperations } from './operations/service.ts';
import type { TAGS } from './routes.ts';

/** The operations of all routes. */
export const OPERATIONS: Operations<keyof typeof TAGS> = {
  ...eventOperations,
  ...metricOperations,
  ...entityOperations,
  ...batchOperations,
  ...quarantineOperations,
  ...deadLetterOperations,
  ...exclusionOperations,
  ...lookupOperations,
  ...serviceOperations,
};
