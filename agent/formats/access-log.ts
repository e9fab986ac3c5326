// The access logs of Apache (mod_log_config), nginx and others: `common`, and `combined`, which adds two fields.

const LINE = /^(\S+) (\S+) (\S+) \[([^\]]*)\] "((?:[^"\\]|\\.)*)" (\d{3}|-) (\d+|-)(?: "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)")?/;
const TIME = /^(\d{2})\/([A-Z][a-z]{2})\/(\d{4}):(\d{2}:\d{2}:\d{2}) ([+-]\d{2})(\d{2})$/;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const REQUEST = /^(\S+) (\S+)(?: (\S+))?$/;

/** A line as an object: `host user time method path protocol status bytes referrer agent`; a `-` is a missing field. Null if it is no such line. */
export const accessLogEvent = (line: string): Record<string, unknown> | null => {
  const [, host, , user, at = '', request = '', status, bytes, referrer, agent] = LINE.exec(line) ?? [];
  const [, day, month = '', year, time, hours, minutes] = TIME.exec(at) ?? [];
  const number = MONTHS.indexOf(month) + 1;
  if (host === undefined || number === 0) return null;
  const asked = unescaped(request);
  const [, method, path, protocol] = REQUEST.exec(asked) ?? [];
  const parts = method === undefined ? { request: asked } : { method, path, protocol };
  const fields = { host, user, ...parts, status, bytes, referrer: given(referrer), agent: given(agent) };
  return {
    time: `${year}-${String(number).padStart(2, '0')}-${day}T${time}${hours}:${minutes}`,
    ...Object.fromEntries(
      Object.entries(fields).flatMap(([name, value]) =>
        value === undefined || value === '-' ? [] : [[name, name === 'status' || name === 'bytes' ? Number(value) : value]],
      ),
    ),
  };
};
const given = (text: string | undefined): string | undefined => (text === undefined || text === '' ? undefined : unescaped(text));

/** Both servers write quotes and control characters as \" or \x22, and some of them bytes past ASCII, too. */
const unescaped = (text: string): string =>
  text.includes('\\')
    ? text.replace(/(?:\\x[0-9A-Fa-f]{2})+/g, (escapes) => Buffer.from(escapes.replaceAll('\\x', ''), 'hex').toString()).replace(/\\(["\\])/g, '$1')
    : text;
