import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bell } from '../bell.ts';
import type { Shaper } from '../formats/format.ts';
import type { Intake, Source } from '../ports/source.ts';
import type { Surroundings } from '../surroundings.ts';
import { filePosition } from './file-head.ts';
import { type Found, filesIn, matchesOf } from './matches.ts';
import { type Tail, tail } from './tail.ts';

export interface FollowOptions {
  /** A file, a folder, or a pattern in the last part. */
  readonly path: string;
  readonly shaper: Shaper;
  /** How often the folder is looked at. */
  readonly everyMs: number;
  readonly surroundings: Pick<Surroundings, 'sleep'>;
}
/** Each is kept open, so that a file that is renamed and removed is read to its end. */
const MAX_FILES = 1_024;
/** A renamed file is written on until its program reopens: after so many looks without news it is closed. */
const QUIET_LOOKS = 10;

const PREFIX = 'follow ';

/**
 * Files as they grow. A file is known by what it is to the file system, so a rotated one is read to its end under its new
 * name, also if it was renamed while nobody looked; one that is cut off and written anew begins again.
 */
export const followSource = ({ path, shaper, everyMs, surroundings }: FollowOptions): Source => ({
  name: path,
  run: async (intake, signal) => {
    const tails = new Map<string, Tail & { quietLooks: number }>();
    const alarm = bell(surroundings);
    signal.addEventListener('abort', alarm.ring);
    try {
      while (!signal.aborted) {
        const { folder, has } = await matchesOf(path);
        const files = await filesIn(folder).catch(() => []);
        await forget(intake, files, folder);
        for (const found of wanted(files, has, intake, tails)) {
          if (tails.size >= MAX_FILES) throw new RangeError(`${path}: Expected at most ${MAX_FILES} files to follow, got more`);
          const file = await openOf(found);
          if (file !== null) tails.set(found.inode, { ...tail({ file, path: found.path, stream: PREFIX + found.inode, shaper, intake }), quietLooks: 0 });
        }
        const named = new Set(files.filter(({ name }) => has(name)).map(({ inode }) => inode));
        for (const [inode, one] of tails) {
          if (signal.aborted) break;
          const isNews = await one.read(signal);
          one.quietLooks = isNews || named.has(inode) ? 0 : one.quietLooks + 1;
          if (one.quietLooks < QUIET_LOOKS) continue;
          await one.end();
          tails.delete(inode);
        }
        await alarm.wait(everyMs);
      }
    } finally {
      signal.removeEventListener('abort', alarm.ring);
      for (const one of tails.values()) await one.close();
    }
  },
});

/** Those that are not open yet: by name, or known from before under another name and not read to their end. */
const wanted = (files: readonly Found[], has: (name: string) => boolean, intake: Intake, open: ReadonlyMap<string, unknown>): Found[] => {
  const isUnread = ({ inode, bytes }: Found) => {
    const before = filePosition(intake.positionOf(PREFIX + inode));
    return before !== null && before.offset < bytes;
  };
  const closed = files.filter(({ inode }) => !open.has(inode));
  const renamed = closed.filter((file) => !has(file.name) && isUnread(file));
  const own = closed.filter(({ name }) => has(name));
  // What was renamed is older.
  return [...renamed, ...own].filter(({ inode }, i, all) => all.findIndex((other) => other.inode === inode) === i);
};

/** Positions of files that are gone: their numbers will be those of others. */
const forget = async (intake: Intake, files: readonly Found[], folder: string): Promise<void> => {
  const there = new Set(files.map(({ inode }) => PREFIX + inode));
  for (const stream of intake.streams()) {
    const position = stream.startsWith(PREFIX) && !there.has(stream) ? filePosition(intake.positionOf(stream)) : null;
    if (position === null || dirname(position.path) !== folder) continue;
    await intake.take({ stream, position: null, ids: null, type: '', header: null, events: 0, body: Buffer.alloc(0) });
  }
};

const openOf = (found: Found): Promise<FileHandle | null> =>
  open(found.path).catch((error) => {
    // Renamed or removed since; the next look finds it, if it is there.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
