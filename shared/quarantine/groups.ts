import { z } from 'zod';
import { REASONS } from '../ingest/submitted.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { CODES, codeOf, hintOf, placeOf } from './hints.ts';
import { type Damage, MAX_DAMAGED, MAX_READ, quarantineFiles, type Selection } from './quarantine-files.ts';

/** Entries with the same thing wrong at the same place. */
export const GROUP = z.object({
  reason: z.enum(REASONS),
  path: z.string().describe("Of the field, '*' for positions in arrays; empty for the whole event."),
  code: z.enum(CODES),
  count: z.int().describe('Entries, identical ones once. One with several errors is in a group for each.'),
  first: z.iso.datetime(),
  last: z.iso.datetime(),
  message: z.string().describe('Of the newest of them.'),
  hint: z.string().describe('What to do about it.'),
  entry: z.string().describe('The id of the newest of them.'),
});
type Group = z.infer<typeof GROUP>;

/** The time for answering; reading another file may take most of it. */
const SPARE_MS = 5_000;
const MAX_GROUPS = 1_000;

/** The contents of the quarantine by what is wrong and where, the largest group first. @param msLeft how long the caller still waits. */
export const quarantinedGroups = async (
  lake: ObjectStore,
  selection: Selection,
  msLeft: () => number,
): Promise<{ groups: Group[]; damaged: Damage[]; more: boolean }> => {
  const groups = new Map<string, Group & { readonly ids: Set<string> }>();
  const damaged: Damage[] = [];
  let [read, more] = [0, false];
  for await (const { entries, damage } of quarantineFiles(lake, selection, null)) {
    more ||= read >= MAX_READ || damaged.length >= MAX_DAMAGED || msLeft() < SPARE_MS;
    if (more) break;
    damaged.push(...damage);
    for (const { id, reason, receivedAt, errors } of entries) {
      read++;
      for (const error of errors) {
        const [path, code] = [placeOf(error), codeOf(reason, error)];
        const name = `${reason} ${code} ${path}`;
        const known = groups.get(name);
        if (known === undefined && groups.size >= MAX_GROUPS) more = true;
        else {
          const ids = (known?.ids ?? new Set<string>()).add(id);
          const isNewest = known === undefined || receivedAt >= known.last;
          groups.set(name, {
            ...{ ids, reason, path, code, count: ids.size, hint: hintOf(code, path) },
            first: known === undefined || receivedAt < known.first ? receivedAt : known.first,
            last: isNewest ? receivedAt : known.last,
            message: isNewest ? error.message : known.message,
            entry: isNewest ? id : known.entry,
          });
        }
      }
    }
  }
  const all = [...groups.values()].map(({ ids: _, ...group }): Group => group);
  return { groups: all.sort((a, b) => b.count - a.count || (a.last < b.last ? 1 : -1)), damaged, more };
};
