import type { Place } from '../ports/search-question.ts';
import { badRequest } from '../request/problem.ts';

/** A cursor that continues the query of this id after a position. */
export const encodePlace = ({ value, key }: Place, id: string): string => Buffer.from(JSON.stringify([id, value, key])).toString('base64url');

/** @throws {Problem} 400 if it is not a cursor, or belongs to another query. */
export const decodePlace = (cursor: string, id: string, orderedBy: 'relevance' | 'key' | 'field'): Place => {
  const place = read(cursor);
  if (place === null) throw badRequest(`cursor: Expected the cursor of an answer, got '${cursor.slice(0, 64)}'`);
  const [of, value, key] = place;
  const isIts = orderedBy === 'field' || (value === null) === (orderedBy === 'key');
  if (of !== id || !isIts) throw badRequest('cursor: Expected a cursor of the same query, got one of another query');
  return { value, key };
};

const read = (cursor: string): readonly [id: string, value: number | null, key: string] | null => {
  const bytes = Buffer.from(cursor, 'base64url');
  // The decoder skips invalid base64.
  if (cursor === '' || bytes.toString('base64url') !== cursor) return null;
  try {
    const [id, value, key, ...more] = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as readonly unknown[];
    const isPlace =
      typeof id === 'string' && (value === null || (typeof value === 'number' && Number.isFinite(value))) && typeof key === 'string' && more.length === 0;
    return isPlace ? [id, value, key] : null;
  } catch {
    return null;
  }
};
