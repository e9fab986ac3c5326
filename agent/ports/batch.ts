/**
 * Events as they travel from agent to agent: lines of one type and form, whose ids are fixed. Event i has the id
 * `{key}:{at + i}`, whoever sends it, in whatever request: so each hop may send it again, and it counts once.
 */
export interface Batch {
  /** Null for CloudEvents, a JSON object a line, which have types and ids of their own. */
  readonly type: string | null;
  /** The names of CSV's fields, its first line; null for a JSON object a line. */
  readonly header: string | null;
  readonly key: string;
  readonly at: number;
  readonly events: number;
  /** A line break ends each line; none is blank. */
  readonly body: Buffer;
}

/** What Twinstream stores an event as that has no id of its own; here, where it is first read. */
export const MAX_KEY_LENGTH = 200;
/** The largest index of an id that shares a note with its neighbours (shared/log/unit.ts), plus one. */
export const KEY_EVENTS = 512 * 1_953;
