/**
 * Everything that is counted or measured. Telemetry takes these names and no others; `GET /stats` shows them as
 * `twinstream_…`, CloudWatch keeps them in the namespace Twinstream, and docs/operations.md says when to worry.
 */

/** What happened, since the process began: name → unit (empty where the name says it) and meaning. */
export const COUNTERS = {
  accepted: { unit: 'events', help: 'Events that ingest made durable in the log' },
  rejected: { unit: 'events', help: 'Events that ingest put in quarantine, a request that cannot be read as one' },
  refused_calls: { unit: '', help: 'Calls without a token that may make them' },
  folded: { unit: 'events', help: 'Events that the speed layer folded' },
  duplicates: { unit: '', help: 'Events that came again, and that the speed layer left out' },
  excluded: { unit: 'events', help: 'Events that an exclusion names, and that the speed layer left out' },
  rejected_records: { unit: '', help: 'Records of the log that cannot be read and events that cannot be folded, all put in quarantine' },
  archived: { unit: 'lines', help: 'Lines written to the lake' },
  behind_horizon: { unit: 'files', help: 'Raw files of epochs that the batch layer had taken over already, which the next generation takes in; expected 0' },
  aggregate_failures: { unit: '', help: 'Batches of aggregate that failed and are tried again' },
  archive_failures: { unit: '', help: 'Batches of archive that failed and are tried again' },
  materialize_failures: { unit: '', help: 'Batches of materialize that failed and are tried again' },
  dead_letters: { unit: '', help: 'Records of the log that a consumer gave up' },
  cell_conflicts: { unit: '', help: 'Writes of cells that were refused since another writer came first, and done anew' },
  overflow: { unit: 'cells', help: 'Cells written that have more groups than fit, whose last ones wait for the batch layer' },
  materialized: { unit: 'events', help: 'Events folded into entities' },
  entity_duplicates: { unit: '', help: 'Events that came again, and that entities left out' },
  entities_written: { unit: '', help: 'Writes to entities' },
  entity_conflicts: { unit: '', help: 'Writes to entities that another shard came before, and that were done anew' },
  indexed: { unit: 'entities', help: 'Changes of entities that the search index took' },
  index_refused: { unit: '', help: 'Entities that the search index refused, all put in quarantine' },
  index_failures: { unit: '', help: 'Batches of index-entities that failed in part and are tried again' },
  generations: { unit: '', help: 'Generations published' },
  recompute_failures: { unit: '', help: 'Runs of the batch layer that failed' },
  drift: { unit: 'events', help: 'Events by which the layers differ, net of named causes; expected 0' },
  scanned_bytes: { unit: '', help: 'Bytes that Athena scanned' },
} as const;

/** What something measures now. */
export const GAUGES = {
  horizon_lag_seconds: 'How long ago, by the log, the horizon is: what arrived since is not whole in the lake; 0 while there is none',
  generation_lag_seconds: 'How long ago, by the log, that was up to which the active generation was last found to lack nothing; 0 while there is none',
} as const;

/** Of each of many values: meaning and the upper bounds of its buckets. */
export const DISTRIBUTIONS = {
  aggregate_delay_seconds: {
    help: 'Freshness: from the arrival of the oldest record of a batch until the batch shows in answers',
    bounds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600],
  },
  materialize_delay_seconds: {
    help: 'From the arrival of the oldest record of a batch until the entities have it',
    bounds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600],
  },
  archive_delay_seconds: {
    help: 'From the arrival of the oldest record of a batch until the batch is in the lake',
    bounds: [0.5, 1, 2.5, 5, 15, 60, 120, 300, 900, 3_600],
  },
  cell_bytes: {
    help: 'The largest cell that a batch wrote; 300,000 is the most',
    bounds: [1_000, 10_000, 50_000, 100_000, 200_000, 250_000, 300_000],
  },
} as const;

export type Counter = keyof typeof COUNTERS;
export type Gauge = keyof typeof GAUGES;
export type Distribution = keyof typeof DISTRIBUTIONS;
