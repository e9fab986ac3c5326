// Messages of RFC 5424, and of RFC 3164 as programs write them: without a year and a zone.

const SEVERITIES = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'];
const PRIORITY = /^<(\d{1,3})>/;
const NEW = /^1 (\S+) (\S+) (\S+) (\S+) (\S+) /;
const OLD = /^([A-Z][a-z]{2}) ([ \d]\d) (\d{2}:\d{2}:\d{2}) (\S+) /;
const OLD_ISO = /^(\d{4}-\d{2}-\d{2}T\S+) (\S+) /;
const TAG = /^([^\s:[\]]{1,64})(?:\[(\d{1,10})\])?: ?/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * A message as an object: `time host app pid messageId facility severity message`, and `data` by element and name. What
 * has no time of its own gets that of its arrival; a time without a zone is UTC, in the year that brings it nearest to now.
 */
export const syslogEvent = (text: string, nowMs: number): Record<string, unknown> => {
  const [prefix, digits] = PRIORITY.exec(text) ?? [''];
  const priority = digits === undefined ? null : Number(digits);
  const about = priority === null || priority > 191 ? {} : { facility: priority >> 3, severity: SEVERITIES[priority & 7] };
  const rest = text.slice(prefix.length);
  const fields = newForm(rest) ?? oldForm(rest, nowMs);
  return present({ time: new Date(nowMs).toISOString(), ...fields, ...about });
};

const newForm = (text: string): Record<string, unknown> | null => {
  const [head, time, host, app, pid, messageId] = NEW.exec(text) ?? [];
  if (head === undefined) return null;
  const { data, end } = structuredData(text, head.length);
  const message = text.slice(end).replace(/^ ?\ufeff?/, '');
  return present({ ...(time === '-' ? {} : { time }), host: known(host), app: known(app), pid: known(pid), messageId: known(messageId), data, message });
};
const known = (text: string | undefined): string | undefined => (text === '-' ? undefined : text);

/** `[id name="value" …]…`, or `-` for none. */
const structuredData = (text: string, start: number) => {
  if (text[start] === '-') return { data: undefined, end: start + 1 };
  const data: Record<string, Record<string, string>> = {};
  let at = start;
  while (text[at] === '[') {
    const id = upTo(text, at + 1, ' ]');
    at += 1 + id.length;
    const element: Record<string, string> = {};
    while (text[at] === ' ') {
      const name = upTo(text, at + 1, '=]');
      at += name.length + 3;
      let value = '';
      for (; at < text.length && text[at] !== '"'; at++) value += text[at] === '\\' ? (text[++at] ?? '') : text[at];
      Object.defineProperty(element, name, { value, enumerable: true, configurable: true, writable: true });
      at++;
    }
    Object.defineProperty(data, id, { value: element, enumerable: true, configurable: true, writable: true });
    if (text[at] !== ']') break;
    at++;
  }
  return { data, end: at };
};
const upTo = (text: string, start: number, ends: string): string => {
  let at = start;
  while (at < text.length && !ends.includes(text[at] as string)) at++;
  return text.slice(start, at);
};

const oldForm = (text: string, nowMs: number): Record<string, unknown> => {
  const [old, month = '', day = '', clock, host] = OLD.exec(text) ?? [];
  const [iso, time, isoHost] = old === undefined ? (OLD_ISO.exec(text) ?? []) : [];
  const rest = text.slice((old ?? iso ?? '').length);
  const [tag, app, pid] = TAG.exec(rest) ?? [''];
  const at = old === undefined ? time : nearest(MONTHS.indexOf(month) + 1, Number(day), clock ?? '', nowMs);
  return present({ ...(at === undefined ? {} : { time: at }), host: host ?? isoHost, app, pid, message: rest.slice(tag.length) });
};

/** In December, January is next year's. */
const nearest = (month: number, day: number, clock: string, nowMs: number): string | undefined => {
  const year = new Date(nowMs).getUTCFullYear();
  const times = [year - 1, year, year + 1].map((one) => Date.parse(`${one}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}T${clock}Z`));
  const best = times.filter(Number.isFinite).sort((a, b) => Math.abs(a - nowMs) - Math.abs(b - nowMs))[0];
  return best === undefined ? undefined : new Date(best).toISOString();
};

const present = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
