import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';
import { compareSequence } from '../log/sequence.ts';
import { isDeadLetterShard } from '../storage/keys.ts';
import type { Cut } from './cut.ts';

/** A cell that was read at a later position than its shard's progress: it had been written, and the progress not yet. */
export interface AheadCell {
  readonly epochMs: number;
  /** With `.` and the bucket, if it is not the first. */
  readonly shard: string;
  readonly window: string;
  /** The last record folded into it. */
  readonly upTo: string;
}
/** What one metric's cells were read at. */
export interface CellsRead {
  readonly ahead: readonly AheadCell[];
  /** Whether there are some of replayed dead letters, whose records are at no position of a shard. */
  readonly hasReplayed: boolean;
}

/**
 * Exactly what an answer was read at, so that its events can be listed later. A cell holds all records of its shard up to the
 * shard's position, or up to its own if that is later, and none beyond.
 */
export interface Pinned {
  readonly generation: string | null;
  /** The metric's hash. */
  readonly definition: string;
  /** The positions of shards with records since the horizon. */
  readonly shards: Readonly<Record<string, string>>;
  readonly ahead: readonly AheadCell[];
  /** The revision of reference data that all live events were looked up in; null if there are several. */
  readonly revision: number | null;
  /** Why its live events cannot be listed by group. */
  readonly mixed: 'overflow' | 'incomplete' | 'replayed' | null;
}

/** What a URL has room for, beside the question. */
const MAX_TEXT = 3_000;
const MAX_INFLATED = 200_000;
/** A text has room for fewer, unless its positions repeat, as those of a forged one may. */
const MAX_SHARDS = 500;
const SHARD = /^[\w-]{1,128}$/;
const SEQUENCE = z.string().regex(/^\d{1,128}$/);
const FORM = z.tuple([
  z.literal(1),
  z
    .string()
    .regex(/^g\d{1,12}$/)
    .nullable(),
  z.string().regex(/^[0-9a-f]{12}$/),
  z.record(z.string().regex(SHARD), SEQUENCE).refine((shards) => Object.keys(shards).length <= MAX_SHARDS),
  z.array(z.tuple([z.int().min(0), z.string().regex(/^[\w-]{1,128}(\.\d{1,6})?$/), z.string().max(16), SEQUENCE])),
  z.int().min(0).nullable(),
  z.enum(['overflow', 'incomplete', 'replayed']).nullable(),
]);

/** As opaque text; null if it would be too long. */
export const pinnedText = ({ generation, definition, shards, ahead, revision, mixed }: Pinned): string | null => {
  const form: z.infer<typeof FORM> = [
    1,
    generation,
    definition,
    shards,
    ahead.map(({ epochMs, shard, window, upTo }): [number, string, string, string] => [epochMs, shard, window, upTo]),
    revision,
    mixed,
  ];
  const json = JSON.stringify(form);
  if (json.length > MAX_INFLATED || Object.keys(shards).length > MAX_SHARDS) return null;
  const text = deflateRawSync(json).toString('base64url');
  return text.length > MAX_TEXT ? null : text;
};

/** Null for any other text. */
export const readPinned = (text: string): Pinned | null => {
  if (text.length > MAX_TEXT) return null;
  try {
    const [, generation, definition, shards, ahead, revision, mixed] = FORM.parse(
      JSON.parse(inflateRawSync(Buffer.from(text, 'base64url'), { maxOutputLength: MAX_INFLATED }).toString()),
    );
    const cells = ahead.map(([epochMs, shard, window, upTo]) => ({ epochMs, shard, window, upTo }));
    return { generation, definition, shards, ahead: cells, revision, mixed };
  } catch {
    return null;
  }
};

/** How far each shard was folded. */
export type Positions = Pick<ReadonlyMap<string, { readonly upTo: string }>, 'get'>;

/** Collects at what positions cells are read. */
export const readingCells = ({ aggregate }: { readonly aggregate: Positions }) => {
  const ahead = new Map<string, AheadCell>();
  let hasReplayed = false;
  return {
    /** @param upTo the version of one of the cell's parts. */
    take: (epochMs: number, shard: string, window: string, upTo: string): void => {
      if (isDeadLetterShard(shard)) hasReplayed = true;
      else if (isAfter(upTo, aggregate.get(shardOfSlice(shard))?.upTo)) {
        const name = `${epochMs} ${shard} ${window}`;
        if (isAfter(upTo, ahead.get(name)?.upTo)) ahead.set(name, { epochMs, shard, window, upTo });
      }
    },
    read: (): CellsRead => ({ ahead: [...ahead.values()], hasReplayed }),
  };
};

/** The shard of the log that a slice's cells are of. */
export const shardOfSlice = (shard: string): string => shard.split('.', 1)[0] ?? shard;
const isAfter = (position: string, other: string | undefined): boolean => other === undefined || compareSequence(position, other) > 0;

/** The pin of an answer of one metric. */
export const pinOf = (
  { generation, manifest, aggregate }: Cut,
  definition: string,
  { ahead, hasReplayed }: CellsRead,
  overflow: { readonly incomplete: readonly string[] } | null,
): Pinned => {
  const since = [...aggregate].filter(([shard, { epochMs }]) => epochMs >= manifest.horizonMs && !isDeadLetterShard(shard));
  const revisions = new Set(since.map(([, { tables }]) => ((tables?.sinceMs ?? 0) <= manifest.horizonMs ? (tables?.revision ?? 0) : null)));
  const [revision = 0] = revisions;
  return {
    generation,
    definition,
    shards: Object.fromEntries(since.map(([shard, { upTo }]) => [shard, upTo])),
    ahead,
    revision: revisions.size > 1 ? null : revision,
    mixed: hasReplayed ? 'replayed' : overflow === null ? null : overflow.incomplete.length > 0 ? 'incomplete' : 'overflow',
  };
};
