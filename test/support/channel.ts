import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { slotIn } from '../../agent/channel/cursor.ts';
import { entryAt, headOf } from '../../agent/channel/frame.ts';
import { segmentPath } from '../../agent/channel/recover.ts';

const read = (path: string): Buffer => (existsSync(path) ? readFileSync(path) : Buffer.alloc(0));

/** Up to which line of its only file a channel, which another process writes, is delivered for good. */
export const linesDelivered = (folder: string): number => {
  const cursor = read(join(folder, 'cursor'));
  const [one, other] = [slotIn(cursor, 0), slotIn(cursor, 1)];
  const place = ((one?.turn ?? 0) > (other?.turn ?? 0) ? one : other)?.place;
  if (place === undefined) return 0;
  const bytes = read(segmentPath(folder, place.segment));
  const begins = headOf(bytes);
  let line = Object.values(begins?.head.positions ?? {}).reduce((most, position) => Math.max(most, Number(position.line ?? 0)), 0);
  for (let at = begins?.end ?? place.offset; at < place.offset; ) {
    const found = entryAt(bytes, at);
    if (found === null) break;
    line = Number(found.entry.position?.line ?? line);
    at = found.end;
  }
  return line;
};
