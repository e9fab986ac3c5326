import { z } from 'zod';
import { badRequest } from '../request/problem.ts';
import type { LogPlace } from '../sql/listed.ts';

/** How many events a number is made of. */
export interface Totals {
  readonly batch: number;
  readonly live: number;
  readonly items: number;
}
/** Where a list of events continues: after one of them, with what the first page has counted. */
export interface Cursor extends Totals {
  readonly side: 'batch' | 'live';
  readonly after: LogPlace;
}

const COUNT = z.int().min(0);
const FORM = z.tuple([z.enum(['batch', 'live']), COUNT, z.string().regex(/^[\w-]{1,128}$/), z.string().regex(/^\d{1,128}$/), COUNT, COUNT, COUNT, COUNT]);

export const cursorText = ({ side, after: { epochMs, shard, seq, line }, batch, live, items }: Cursor): string =>
  Buffer.from(JSON.stringify([side, epochMs, shard, seq, line, batch, live, items] satisfies z.infer<typeof FORM>)).toString('base64url');

/** @throws {Problem} 400 */
export const readCursor = (text: string): Cursor => {
  try {
    if (text.length > 1_024) throw new RangeError('Expected a shorter text');
    const [side, epochMs, shard, seq, line, batch, live, items] = FORM.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return { side, after: { epochMs, shard, seq, line }, batch, live, items };
  } catch {
    throw badRequest(`cursor: Expected the cursor of an answer, got '${text.slice(0, 64)}'`);
  }
};
