import { z } from 'zod';
import { canonicalTime } from '../definition/times.ts';
import { type Parameters, refuseUnknown, single } from '../request/parameters.ts';
import { badRequest } from '../request/problem.ts';
import type { Change } from './changes.ts';

export const VERSION_ID = /^v\d{6,12}$/;
const MAX_NOTE = 1_000;

/** @throws {Problem} 400 */
export const parsePut = (parameters: Parameters): { readonly from: string | null; readonly note: string | null } => {
  refuseUnknown(parameters, ['validFrom', 'note']);
  const given = single(parameters, 'validFrom');
  const note = single(parameters, 'note') ?? null;
  const from = given === undefined ? null : canonicalTime(given);
  if (given !== undefined && from === null)
    throw badRequest(`validFrom: Expected an RFC 3339 time with a zone, such as 2026-01-01T00:00:00Z, got '${given.slice(0, 100)}'`);
  if (note !== null && note.length > MAX_NOTE) throw badRequest(`note: Expected at most ${MAX_NOTE} characters, got ${note.length}`);
  return { from: from?.text ?? null, note };
};

const LOOKUP_STATES = ['pending', 'applied', 'undoing', 'undone'] as const;
export const LOOKUP_VERSION = z.object({
  id: z.string().meta({ examples: ['v000001'] }),
  table: z.string().meta({ examples: ['country'] }),
  state: z
    .enum(LOOKUP_STATES)
    .describe(
      'pending: only events that come from now on are looked up in it. applied: the active generation looks all of history up in it. undoing: only events that come from now on are not looked up in it. undone: none is.',
    ),
  validFrom: z.iso.datetime().nullable().describe('It holds for event times from then on, until the next version of the table; null for all times.'),
  rows: z.int(),
  columns: z.array(z.string()).describe('Besides the key.'),
  sha256: z.string().describe('Of its rows, in canonical form: the same rows have the same.'),
  note: z.string().nullable(),
  publishedAt: z.iso.datetime(),
  undoneAt: z.iso.datetime().nullable(),
  generation: z
    .string()
    .optional()
    .meta({ description: 'The generation from which on all answers are looked up in it.', examples: ['g000041'] }),
});

/** Every version that was ever published, oldest first. @param applied the revision of the active generation. */
export const describeVersions = (changes: readonly Change[], applied: number): z.infer<typeof LOOKUP_VERSION>[] => {
  const undone = new Map(changes.flatMap((change) => ('undo' in change.what ? [[change.what.undo, change]] : [])));
  const iso = (ms: number) => new Date(ms).toISOString();
  return changes.flatMap(({ what, revision, atMs, note }) => {
    if (!('put' in what)) return [];
    const { id, table, from, count, columns, rows } = what.put;
    const undo = undone.get(id) ?? null;
    const state = undo === null ? (applied >= revision ? 'applied' : 'pending') : applied >= undo.revision ? 'undone' : 'undoing';
    const times = { publishedAt: iso(atMs), undoneAt: undo === null ? null : iso(undo.atMs) };
    return [{ id, table, state, validFrom: from === '' ? null : from, rows: count, columns: [...columns], sha256: rows, note, ...times }];
  });
};
