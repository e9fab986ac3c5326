import type { Pipeline } from '../definition/define.ts';
import { originalOf, type QuarantineEntry } from '../ingest/quarantine-entry.ts';
import { REASONS } from '../ingest/submitted.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import { MAX_READ, quarantineFiles } from '../quarantine/quarantine-files.ts';
import type { Sought } from './parse-whereabouts.ts';
import type { FoundEvent } from './whereabouts-form.ts';

/** The time for answering; reading another file may take most of it. */
const SPARE_MS = 5_000;

/** Rejected events with an id: each entry once, however often it was sent. */
export const rejectedCopies = async (
  lake: ObjectStore,
  pipeline: Pipeline,
  sought: Sought,
  msLeft: () => number,
): Promise<{ readonly found: readonly FoundEvent[]; readonly more: boolean }> => {
  const found = new Map<string, FoundEvent>();
  const isOf = matching(pipeline, sought);
  let read = 0;
  const selection = { fromMs: 0, toMs: LATEST_MS, reasons: REASONS, path: null, code: null, limit: MAX_READ };
  for await (const { entries } of quarantineFiles(lake, selection, null)) {
    if (read >= MAX_READ || msLeft() < SPARE_MS) return { found: [...found.values()], more: true };
    read += entries.length;
    for (const entry of entries) {
      const source = isOf(entry);
      if (source === null) continue;
      const { id, reason, errors } = entry;
      found.set(id, { state: 'quarantined', place: 'quarantine', source: source.name, time: null, at: null, reason, errors, entry: id });
    }
  }
  return { found: [...found.values()], more: false };
};

/** Within the years that a path can name. */
const LATEST_MS = Date.parse('9999-12-30T00:00:00Z');

/** Null if an entry is not of the event; else its source, as far as it has one. */
const matching = ({ events }: Pipeline, { type, id, source }: Sought) => {
  const own = events[type]?.options.id ?? null;
  return (entry: QuarantineEntry): { readonly name: string | null } | null => {
    const { headers, fallbackId } = entry;
    const body = jsonOf(entry, fallbackId === id || headers['ce-id'] === id ? '' : id);
    const at = (name: string | null): unknown => (body === null || name === null ? undefined : body[name]);
    const isOfType = [entry.type, headers['ce-type'], at('type')].includes(type);
    const ids = [fallbackId, headers['ce-id'], at('id'), at(own), (at('data') as Record<string, unknown> | null | undefined)?.[own ?? '']];
    if (!isOfType || !ids.some((one) => one === id)) return null;
    const named = headers['ce-source'] ?? at('source');
    const name = typeof named === 'string' ? named : null;
    return source === null || name === null || name === source ? { name } : null;
  };
};

/** An entry's body as an object; null if it is none, or does not have the text. */
const jsonOf = (entry: QuarantineEntry, text: string): Readonly<Record<string, unknown>> | null => {
  const body = originalOf(entry).toString();
  if (!body.includes(JSON.stringify(text).slice(1, -1))) return null;
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
};
