/** Entries with the same thing wrong at the same place, as GET /quarantine?by=reason,path lists them. */
export interface Group {
  readonly reason: string;
  /** Of the field, '*' for positions in arrays; empty for the whole event. */
  readonly path: string;
  readonly code: string;
  readonly count: number;
  readonly last: string;
  readonly message: string;
  readonly hint: string;
}
/** An entry as GET /quarantine lists it. */
export interface Entry {
  readonly id: string;
  readonly receivedAt: string;
  readonly reason: string;
  readonly errors: readonly { readonly path?: string; readonly message: string; readonly code: string }[];
  readonly type: string | null;
  readonly encoding: 'utf8' | 'base64';
  readonly body: string;
  readonly truncated: boolean;
  readonly times: number;
}

export const keyOf = ({ reason, path, code }: Pick<Group, 'reason' | 'path' | 'code'>): string => [reason, code, path].join(':');
/** The parameters that select its entries. */
export const selecting = ({ reason, path, code }: Pick<Group, 'reason' | 'path' | 'code'>): string =>
  `reason=${encodeURIComponent(reason)}&path=${encodeURIComponent(path)}&code=${encodeURIComponent(code)}`;

const SHORT: Readonly<Record<string, string>> = {
  malformed: 'cannot be read',
  'unknown-type': 'of no type of the pipeline',
  'too-large': 'is too large',
  'time-unreadable': 'is no time',
  'time-ahead': 'is ahead of the clock',
  missing: 'is missing',
  'unknown-field': 'is not in the schema',
  wrapped: 'is inside another object',
  'undecodable-record': 'is no record of the log',
  'fold-failed': 'made a definition fail',
  'index-refused': 'was refused by the index',
};
/** What is wrong, in a few words. */
export const shortly = ({ code, message }: Pick<Group, 'code' | 'message'>): string => {
  const known = SHORT[code];
  if (known !== undefined) return known;
  if (/a time/i.test(message)) return 'is no time with a zone';
  const [, wanted, got] = /expected (?:an? )?(\w+), (?:received|got) (?:an? )?(\w+)/i.exec(message) ?? [];
  return wanted === undefined ? 'is not as the schema says' : `is ${got}, not ${wanted}`;
};

/** The last part of a path: the name in the event's own line. */
export const fieldOf = (path: string): string => path.split('.').at(-1) ?? '';
