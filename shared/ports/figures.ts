/**
 * Everything that is counted or measured. Telemetry takes these names and no others; `GET /stats` shows them as
 * `twinstream_…`, CloudWatch keeps them in the namespace Twinstream, and docs/operations.md says when to worry.
 */

/** What has happened since the process began: name → unit (empty if it is in the name) and meaning. */
export const COUNTERS = {
  accepted: { unit: 'events', help: 'Events that ingest made durable in the log' },
  rejected: { unit: 'events', help: 'Events that ingest put in quarantine; a request that cannot be read counts as one' },
  refused_calls: { unit: '', help: 'Calls without a token that permits them' },
  folded: { unit: 'events', help: 'Events that the speed layer folded' },
  fast_path: { unit: 'events', help: 'Events that the speed layer folded by the kernel; all others went the general path, which gives the same' },
  duplicates: { unit: '', help: 'Duplicates that the speed layer left out' },
  excluded: { unit: 'events', help: 'Events that the speed layer left out because of an exclusion' },
  rejected_records: { unit: '', help: 'Records of the log that cannot be read and events that cannot be folded, all put in quarantine' },
  archived: { unit: 'lines', help: 'Lines written to the lake' },
  behind_horizon: { unit: 'files', help: 'Raw files written for an epoch before the horizon, which the next generation includes; expected 0' },
  aggregate_failures: { unit: '', help: 'Batches of aggregate that failed and will be retried' },
  archive_failures: { unit: '', help: 'Batches of archive that failed and will be retried' },
  materialize_failures: { unit: '', help: 'Batches of materialize that failed and will be retried' },
  dead_letters: { unit: '', help: 'Records of the log that a consumer dead-lettered' },
  cache_evictions: { unit: 'shards', help: 'Shards of which a consumer dropped what it had in memory, for want of room, and has to read it again; expected 0' },
  cell_conflicts: { unit: '', help: 'Writes of cells that lost the compare-and-set and were redone' },
  overflow: { unit: 'cells', help: 'Cells written with more groups than fit; the last ones are missing as groups until the batch layer counts them' },
  expression_overflows: { unit: '', help: 'Results of the arithmetic of metrics that do not fit their kind, and count as missing; a retry counts them again' },
  materialized: { unit: 'events', help: 'Events folded into entities' },
  entity_duplicates: { unit: '', help: 'Duplicates that entities left out' },
  entities_written: { unit: '', help: 'Writes to entities' },
  entity_conflicts: { unit: '', help: 'Writes of entities that lost the compare-and-set to another shard and were redone' },
  indexed: { unit: 'entities', help: 'Changes of entities that the search index accepted' },
  index_refused: { unit: '', help: 'Entities that the search index refused, all put in quarantine' },
  index_failures: { unit: '', help: 'Batches of index-entities that failed partly and will be retried' },
  generations: { unit: '', help: 'Generations published' },
  recompute_failures: { unit: '', help: 'Runs of the batch layer that failed' },
  retired_slices: { unit: '', help: 'Slices (the cells of a metric, epoch and shard) that no generation needs any more and that will expire' },
  retire_failures: { unit: '', help: 'Runs that could not retire all cells that no generation needs: a failure, or no time left' },
  drift: { unit: 'events', help: 'Events by which the layers differ, after subtracting differences of known cause; expected 0' },
  scanned_bytes: { unit: '', help: 'Bytes that Athena scanned' },
} as const;

/** What something measures now. */
export const GAUGES = {
  horizon_lag_seconds: 'Age of the horizon, by the log: what arrived since is not yet completely in the lake; 0 while there is none',
  generation_lag_seconds: 'Age, by the log, of the time up to which the active generation was last found to be complete; 0 while there is none',
} as const;

/** Distributions of values: meaning and the upper bounds of the buckets. */
export const DISTRIBUTIONS = {
  aggregate_delay_seconds: {
    help: 'Freshness: from the arrival of the oldest record of a batch until it is visible in answers',
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
