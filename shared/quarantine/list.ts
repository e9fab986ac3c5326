import { z } from 'zod';
import type { ListedEntry, QuarantineEntry } from '../ingest/quarantine-entry.ts';
import { REASONS } from '../ingest/submitted.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { PAGE_BYTES, pageBytesOf } from '../request/page.ts';
import { notFound, Problem } from '../request/problem.ts';
import { codeOf, hintOf, placeOf } from './hints.ts';
import { type Damage, MAX_DAMAGED, MAX_READ, quarantineFiles, type Selection } from './quarantine-files.ts';

/** The time for answering; reading another file may take most of it. */
const SPARE_MS = 5_000;

/** How many entries there are, and between which times they were received. */
export const REASON_COUNT = z.object({ reason: z.enum(REASONS), count: z.int(), first: z.iso.datetime(), last: z.iso.datetime() });

/** The contents of the quarantine, by reason. @param msLeft how long the caller still waits. */
export const quarantinedReasons = async (
  lake: ObjectStore,
  selection: Selection,
  msLeft: () => number,
): Promise<{ reasons: z.infer<typeof REASON_COUNT>[]; damaged: Damage[]; more: boolean }> => {
  const counts = new Map<string, z.infer<typeof REASON_COUNT>>();
  const damaged: Damage[] = [];
  const ids = new Set<string>();
  let counted = 0;
  for await (const { entries, damage } of quarantineFiles(lake, selection, null)) {
    if (counted >= MAX_READ || damaged.length >= MAX_DAMAGED || msLeft() < SPARE_MS) return { reasons: [...counts.values()], damaged, more: true };
    damaged.push(...damage);
    for (const { id, reason, receivedAt } of entries) {
      counted++;
      const { count, ...span } = counts.get(reason) ?? { count: 0, first: receivedAt, last: receivedAt };
      counts.set(reason, { reason, count: count + (ids.has(id) ? 0 : 1), ...spanning(span, receivedAt) });
      ids.add(id);
    }
  }
  return { reasons: [...counts.values()], damaged, more: false };
};

const spanning = ({ first, last }: { readonly first: string; readonly last: string }, at: string) => ({
  first: at < first ? at : first,
  last: at > last ? at : last,
});

export interface QuarantinePage {
  readonly events: readonly ListedEntry[];
  readonly damaged: readonly Damage[];
  readonly more: boolean;
  /** The entry after which the next page begins; null if this is the last one. */
  readonly next: string | null;
}

/**
 * A page of the entries in quarantine, oldest first within each reason and identical bytes once, and the files among them that
 * cannot be read. A page has as many as the limit says, or as fit into an answer.
 * @param after the entry after which it begins.
 * @param msLeft how long the caller still waits.
 */
export const quarantined = async (lake: ObjectStore, selection: Selection, after: string | null, msLeft: () => number): Promise<QuarantinePage> => {
  const page = new Map<string, ListedEntry>();
  const before = new Set<string>();
  const damaged: Damage[] = [];
  let [isReached, bytes, read, more] = [after === null, 0, 0, false];
  const isFullWith = (entry: ListedEntry): boolean => {
    bytes += pageBytesOf(entry);
    return page.size > 0 && (page.size === selection.limit || bytes > PAGE_BYTES);
  };
  const list = (entry: QuarantineEntry): void => {
    const { id, receivedAt } = entry;
    const known = page.get(id);
    if (known !== undefined) page.set(id, { ...known, times: known.times + 1, ...spanning(known, receivedAt) });
    if (known !== undefined || more || before.has(id)) return;
    const errors = entry.errors.map((error) => ({ ...error, code: codeOf(entry.reason, error), hint: hintOf(codeOf(entry.reason, error), placeOf(error)) }));
    const listed = { ...entry, errors, times: 1, first: receivedAt, last: receivedAt };
    more = isFullWith(listed);
    if (!more) page.set(id, listed);
  };
  for await (const { entries, damage } of quarantineFiles(lake, selection, null)) {
    if (damaged.length >= MAX_DAMAGED || read >= MAX_READ || msLeft() < SPARE_MS) {
      if (page.size === 0 && after !== null) throw tooFar();
      more = true;
      break;
    }
    damaged.push(...damage);
    for (const entry of entries) {
      if (isReached) read++;
      if (isReached) list(entry);
      else before.add(entry.id);
      isReached ||= entry.id === after;
    }
  }
  if (!isReached) throw notFound(`There is no entry '${after?.slice(0, 64)}' of these any more: it was replayed or removed. Begin without after.`);
  return { events: [...page.values()], damaged, more, next: more ? ([...page.keys()].at(-1) ?? null) : null };
};

/** Reading up to a page takes longer the further it is. */
const tooFar = (): Problem =>
  new Problem(
    503,
    'too-slow',
    'The list takes too long',
    'Expected to reach the next page within the time of a call. Ask for a shorter range (from, to), or one reason.',
  );
