import type { QuarantineEntry } from '../ingest/quarantine-entry.ts';

type Error = QuarantineEntry['errors'][number];
type Reason = QuarantineEntry['reason'];

/** What can be wrong, as one word for programs. */
export const CODES = [
  'malformed',
  'unknown-type',
  'too-large',
  'time-unreadable',
  'time-ahead',
  'missing',
  'unknown-field',
  'wrapped',
  'wrong-value',
  'undecodable-record',
  'fold-failed',
  'index-refused',
] as const;
export type Code = (typeof CODES)[number];

/** Where an error is, for groups: the positions in arrays are alike. */
export const placeOf = ({ path = '' }: Error): string =>
  path
    .split('.')
    .map((part) => (/^\d+$/.test(part) ? '*' : part))
    .join('.');

/** An error's code. Entries are stored with words alone, so it is read from them; a wording that is not known is a wrong value. */
export const codeOf = (reason: Reason, { message }: Error): Code => {
  if (reason === 'time') return /at most a day ahead/.test(message) ? 'time-ahead' : 'time-unreadable';
  if (reason !== 'invalid') return reason;
  if (/received undefined|got none$/.test(message)) return 'missing';
  if (/^Expected the fields|^Expected some of the fields/.test(message)) return 'unknown-field';
  if (/ got an object with (one|a list) under /.test(message)) return 'wrapped';
  return 'wrong-value';
};

/** What to do about an error: in the sender, or in the schema, after which a replay accepts the event. */
export const hintOf = (code: Code, path: string): string => {
  const field = path === '' ? 'the field' : `'${path}'`;
  return HINTS[code].replace('FIELD', field);
};
const HINTS: Readonly<Record<Code, string>> = {
  malformed: 'Correct in the sender what the message says, and send the event again: as it is, it cannot be read.',
  'unknown-type': 'Add the event type to the pipeline and replay, or correct the type or the path in the sender.',
  'too-large': 'Send less in one event: keep large texts elsewhere, and send their address.',
  'time-unreadable': 'Declare how the sender writes times, as in time({ unit: "s" }), and replay; or send RFC 3339 with a zone.',
  'time-ahead': "Set the sender's clock. Once the time is less than a day ahead, a replay accepts the event.",
  missing: 'Send FIELD, or make it optional in the schema and replay.',
  'unknown-field': 'Add FIELD to the schema and replay, or leave it out in the sender.',
  wrapped: 'Send what is in FIELD itself.',
  'wrong-value': 'Correct FIELD in the sender, or accept such values in the schema and replay.',
  'undecodable-record': 'Something else wrote into the log. Its bytes are kept for you to inspect; remove the entry then.',
  'fold-failed': 'A definition threw an error, which is in the message. Correct it: the batch layer counts the event.',
  'index-refused': 'The search index refused the entity. After a correction, rebuild the index: npm run reindex.',
};
