import type { DatabaseFile } from '../../shared/adapters/files/folder-seal.ts';
import { changesOf } from '../../shared/adapters/sqlite/positions.ts';
import { compareSequence } from '../../shared/log/sequence.ts';
import type { Consumer } from '../../shared/ports/log-reader.ts';
import { indexedKey, logOf } from '../../shared/storage/keys.ts';

/** Something that is wrong with a folder. `healed` says what is done about it at start; null if only `npm run repair` helps. */
export interface Finding {
  /** A name in the data folder. */
  readonly file: string;
  readonly problem: string;
  readonly healed: string | null;
}

export interface RawFile {
  readonly shard: string;
  readonly last: string;
}
/** What the stores of a folder say about themselves and about each other. Null if a store is missing or cannot be read. */
export interface FolderState {
  /** What is wrong with a file by itself: it is damaged, or not the one that the last clean stop left. */
  readonly broken: ReadonlyMap<DatabaseFile, string>;
  /** Every shard that the log ever had, and the highest sequence number that it ever issued. */
  readonly log: { readonly shards: ReadonlySet<string>; readonly end: string; holds(sequence: string): boolean } | null;
  readonly views: {
    readonly progress: readonly { readonly consumer: Consumer; readonly shard: string; readonly upTo: string }[];
    /** Ids of the generations that are listed, and of the active one. */
    readonly generations: readonly string[];
    readonly active: string | null;
    /** Sequence numbers up to which a consumer's poller has processed a shard, by `consumer#shard`. */
    readonly checkpoints: ReadonlyMap<string, string>;
  } | null;
  /** What the entity store has processed, by shard, and the search index, by entity store; `reached` is null in files from before that was kept. */
  readonly entities: { readonly identity: string; readonly reached: ReadonlyMap<string, string> | null } | null;
  readonly search: { readonly reached: ReadonlyMap<string, string> | null } | null;
  readonly lake: {
    readonly hasRaw: boolean;
    /** Raw files past the archive's progress. */
    readonly beyond: readonly RawFile[];
    /** Ids of generations that have a manifest or a journal, and those of them that have a manifest. */
    readonly generations: readonly string[];
    readonly manifests: ReadonlySet<string>;
  };
}

const REBUILT = 'The search index will be rebuilt from the entities.';

/** Compares the stores of a folder with each other. */
export const findingsOf = (state: FolderState): Finding[] => {
  const { broken, log, views, lake } = state;
  const found: Finding[] = [];
  const repair = (file: string, problem: string) => found.push({ file, problem, healed: null });
  for (const [file, problem] of broken) found.push({ file, problem, healed: file === 'search.db' ? REBUILT : null });
  if (log === null && !broken.has('log.db') && (lake.hasRaw || (views !== null && known(views).length > 0)))
    repair('log.db', 'It is missing, though the other files know of it.');
  if (views === null && !broken.has('views.db') && lake.hasRaw) repair('views.db', 'It is missing, though the lake holds events.');
  if (log !== null && views !== null) found.push(...logAgainstViews(log, views));
  if (log !== null && views !== null && lake.beyond.some(({ last }) => !log.holds(last)))
    repair('views.db', 'It is older than the lake: events were written there that it has not counted, and that the log no longer holds.');
  if (views !== null) found.push(...lakeAgainstViews(lake, views));
  if (views !== null) found.push(...entitiesAgainstViews(state, views));
  return found;
};

/** A dead letter's shard, under which its events are folded, is not a shard of a log. */
const ofLog = ({ shard }: { readonly shard: string }) => !shard.startsWith('letter-');

/** What was processed of the log. Pollers' checkpoints name its shards even before that: see noteLog. */
const known = ({ progress, checkpoints }: NonNullable<FolderState['views']>) => [
  ...progress.filter(ofLog),
  ...LOG_CONSUMERS.flatMap((consumer) =>
    [...checkpoints].filter(([key]) => key.startsWith(`${consumer}#`)).map(([key, upTo]) => ({ consumer, shard: key.slice(consumer.length + 1), upTo })),
  ),
];
const LOG_CONSUMERS = ['aggregate', 'archive'] as const;

const logAgainstViews = (log: NonNullable<FolderState['log']>, views: NonNullable<FolderState['views']>): Finding[] => {
  const progress = known(views);
  const unknown = progress.find(({ shard }) => !log.shards.has(shard));
  if (unknown !== undefined) {
    const isSame = [...log.shards].some((shard) => logOf(shard) === logOf(unknown.shard));
    const problem = isSame
      ? `It is older than the other files: they know of ${unknown.shard}, which it does not have yet.`
      : `It is another log: the other files know of ${unknown.shard}, which it never had.`;
    return [{ file: 'log.db', problem, healed: null }];
  }
  const ahead = progress.find(({ upTo }) => compareSequence(upTo, log.end) > 0);
  if (ahead === undefined) return [];
  const problem = `It is older than the other files: ${ahead.consumer} processed ${ahead.shard} up to ${ahead.upTo}, but it ends at ${log.end}.`;
  return [{ file: 'log.db', problem, healed: null }];
};

const lakeAgainstViews = (lake: FolderState['lake'], views: NonNullable<FolderState['views']>): Finding[] => {
  const found: Finding[] = [];
  const newest = views.generations.reduce((a, b) => (a > b ? a : b), '');
  const unknown = lake.generations.filter((id) => id > newest);
  if (unknown.length > 0)
    found.push({
      file: 'views.db',
      problem: `It is older than the lake, which has ${unknown.length === 1 ? 'generation' : 'generations'} ${unknown.join(', ')}.`,
      healed: 'They will be listed as retired, and removed.',
    });
  if (views.active !== null && !lake.manifests.has(views.active))
    found.push({
      file: `lake/generations/${views.active}.json.gz`,
      problem: 'It is missing, and answers need it.',
      healed: 'The next run of the batch layer will build a generation from the raw lines. Until then answers say that it is damaged.',
    });
  return found;
};

const entitiesAgainstViews = ({ broken, entities, search }: FolderState, views: NonNullable<FolderState['views']>): Finding[] => {
  const found: Finding[] = [];
  const taken = [...views.checkpoints]
    .filter(([key]) => key.startsWith('materialize#'))
    .map(([key, upTo]) => [key.slice('materialize#'.length), upTo] as const);
  const isBehind = (reached: ReadonlyMap<string, string> | null, shard: string, upTo: string) =>
    reached !== null && compareSequence(reached.get(shard) ?? '', upTo) < 0;
  if (entities === null && !broken.has('entities.db') && (taken.length > 0 || views.progress.some(({ consumer }) => consumer === 'materialize')))
    found.push({ file: 'entities.db', problem: 'It is missing, though there were entities.', healed: null });
  if (entities !== null && taken.some(([shard, upTo]) => isBehind(entities.reached, shard, upTo)))
    found.push({
      file: 'entities.db',
      problem: 'It is an older copy, or from another folder: it lacks events that were already processed for it.',
      healed: null,
    });
  const indexed = views.checkpoints.get(indexedKey.sort);
  if (indexed === undefined || broken.has('search.db')) return found;
  if (search === null) found.push({ file: 'search.db', problem: 'It is missing.', healed: REBUILT });
  else if (entities !== null && isBehind(search.reached, changesOf(entities.identity), indexed))
    found.push({
      file: 'search.db',
      problem: 'It is an older copy, or from another folder: it lacks changes that were already processed for it.',
      healed: REBUILT,
    });
  return found;
};
