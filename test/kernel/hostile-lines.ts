import type { Random } from '../../testing/random.ts';

const TEXTS = [
  '',
  'a',
  'A',
  'b',
  'É',
  'Σας',
  '😀',
  'é\u0000',
  'quo"te',
  'back\\slash',
  'new\nline',
  '\u2028',
  '\ufeff',
  'null',
  'true',
  '12',
  ' ',
  'ß',
  '\u007f',
  '𝒳',
];
const NUMBERS = [
  '0',
  '1',
  '-1',
  '7',
  '42',
  '100',
  '65536',
  '-1000000000000',
  '999999999999999',
  '9007199254740991',
  '9007199254740993',
  '12345678901234567890',
];
const DECIMALS = ['0.5', '-0.01', '19.99', '0.1', '1.005', '123.456789', '0.000001', '90071992547409.9', '0.1234567890123456789', '4503599627370497.5'];
/** Numbers in another form than JSON.stringify's, and what is no number. */
const ODD = ['1e3', '1E3', '1.5e-7', '-0', '-0.0', '0.0', '1.0', '1.50', '01', '-01', '1.', '.5', '+1', '-', '1e400', '0x1', 'NaN', '1_0', '--1', '1-', '00'];
const OTHERS = [
  'null',
  'true',
  'false',
  '[]',
  '{}',
  '[1,"a",{"b":[null]}]',
  '{"a":{"n":1}}',
  '{"n":1,"n":2}',
  '"12"',
  'tru',
  'nul',
  'True',
  '[1,]',
  '{"a":}',
  '[',
  '""x',
];
const NAMES = [
  'name',
  'kind',
  'n',
  'price',
  'weight',
  'ok',
  'odd name-ü',
  'constructor',
  'unread',
  'other',
  'unknown',
  '__proto__',
  '',
  'na',
  'names',
  'at',
  'tags',
];
const TIMES = ['2026-11-21T10:00:00.000Z', '2026-11-21T10:59:59.999Z', '9999-99-99T99:99:99.999Z', '0000-00-00T00:00:00.000Z'];
const NOT_TIMES = ['2026-11-21T10:00:00Z', '2026-11-21 10:00:00.000Z', '2026-11-21T10:00:00.00aZ', '2026-11-21T10:00:00.000z', '2026-11-21T10:00:00.0000Z', ''];

/** Texts that JSON.stringify escapes nothing of. */
const PLAIN = TEXTS.filter((text) => !JSON.stringify(text).includes('\\'));
const text = (r: Random, texts = TEXTS): string =>
  JSON.stringify(r.chance(0.6) ? r.pick(texts) : Array.from({ length: r.integer(0, 40) }, () => r.pick(texts)).join(''));
/** The same text in an escaped form, or with a lone surrogate. */
const escaped = (r: Random): string =>
  r.pick(['"\\u0061"', '"\\ud800"', '"\\ud83d\\ude00"', '"\\/"', '"a\\u00e9"', '"\\u12"', '"\\x"', '"tab\t"', '"\\b\\f\\n\\r\\t"']);
const value = (r: Random, usual: () => string): string => {
  if (r.chance(0.85)) return usual();
  return r.pick([() => r.pick(ODD), () => r.pick(OTHERS), () => escaped(r), () => text(r), () => r.pick(NUMBERS), () => r.pick(DECIMALS), () => 'null'])();
};
const number = (r: Random): string => (r.chance(0.5) ? String(r.integer(-20, 40)) : r.pick(NUMBERS));

/** @param isCalm whether it is what ingest most often writes. */
const dataOf = (r: Random, type: string, isCalm: boolean): string => {
  const some = () => text(r, isCalm ? PLAIN : TEXTS);
  const usual: Record<string, () => string> = {
    at: () => '"2026-11-21T10:00:00.000Z"',
    unread: some,
    name: some,
    kind: () => JSON.stringify(r.pick(['a', 'b', 'É'])),
    n: type === 'small' ? some : () => number(r),
    price: () => (r.chance(0.5) ? String(r.integer(-1_000, 1_000_000) / 100) : r.pick(DECIMALS)),
    weight: () => (r.chance(0.5) ? String(r.next() * 10 ** r.integer(-8, 12)) : r.pick(DECIMALS)),
    ok: type === 'small' ? () => number(r) : () => r.pick(['true', 'false']),
    'odd name-ü': some,
    constructor: some,
    other: () => r.pick(OTHERS.slice(0, 8)),
    tags: () => r.pick(['["a","b"]', '[]', '["a"]']),
  };
  let names = Object.keys(usual).filter(() => !r.chance(0.1));
  if (!isCalm && r.chance(0.1)) names.push(r.pick(NAMES));
  if (r.chance(0.1)) names = names.sort(() => r.next() - 0.5);
  const pairs = names.map((name) => {
    const key = !isCalm && r.chance(0.02) ? '"n\\u0061me"' : JSON.stringify(name);
    const given = Object.hasOwn(usual, name) ? (usual[name] as () => string) : some;
    return `${key}:${isCalm ? given() : value(r, given)}`;
  });
  return `{${pairs.join(',')}}`;
};

const idOf = (r: Random, i: number): string =>
  r.chance(0.85)
    ? `k${Math.floor(i / 700)}:${r.chance(0.05) ? r.integer(0, 700) : i % 700}`
    : r.pick([
        `own-${i}`,
        `own-${r.integer(0, i)}`,
        `:${i % 9}`,
        `a:00${i % 3}`,
        `a:0`,
        `${i}`,
        `a:1234567`,
        `a:123456`,
        'a:',
        'ü:5',
        'k0:\\u0031',
        'k0:511',
        'k0:512',
        '',
      ]);
const envelopeOf = (r: Random, i: number): string => {
  const isCalm = r.chance(0.6);
  const type = r.pick(['flat', 'flat', 'flat', 'flat', 'small', 'listed', r.pick(['gone', 'flatter', 'fla', '', '1', 'FLAT'])]);
  const time = r.chance(0.9) ? new Date(Date.parse(TIMES[0] as string) + r.integer(0, 7_200_000)).toISOString() : r.pick(r.chance(0.5) ? TIMES : NOT_TIMES);
  const parts = [
    `"id":"${idOf(r, i)}"`,
    `"source":"${r.pick(['/events/flat', '/events/flat', '/events/flat', '/events/flas', '/a', 'urn:ü', ''])}"`,
    `"type":"${type}"`,
    ...(r.chance(0.4) ? [`"subject":${text(r)}`] : []),
    `"time":"${time}"`,
    `"data":${r.chance(0.99) ? dataOf(r, type, isCalm) : r.pick(OTHERS)}`,
  ];
  if (r.chance(0.02)) parts.push(r.pick(['"data":{}', '"id":"x"', '"more":1', parts[0] as string]));
  if (r.chance(0.02)) parts.splice(r.integer(0, parts.length - 1), 1);
  if (r.chance(0.02)) parts.unshift('"extension":"x"');
  if (r.chance(0.02)) parts.reverse();
  return `{${parts.join(',')}}`;
};

const CHARACTERS = ['"', '\\', '{', '}', ',', ':', ' ', '\t', '0', '9', 'e', '.', '-', 'a', '\u0001', 'é', '[', ']', '\r'];
/** A line of the log: as ingest writes them, as it never would, or damaged. It has no newline. */
export const hostileLine = (r: Random, i: number): string => {
  const line = envelopeOf(r, i);
  if (!r.chance(0.15)) return line;
  const at = r.integer(0, line.length);
  return r.pick([
    () => line.slice(0, at) + r.pick(CHARACTERS) + line.slice(at),
    () => line.slice(0, at) + line.slice(at + 1),
    () => line.slice(0, at) + r.pick(CHARACTERS) + line.slice(at + 1),
    () => line.slice(0, at),
    () => ` ${line}`,
    () => `${line} `,
    () => `${line}\r`,
    () => `\ufeff${line}`,
    () => '',
    () => line.replaceAll(',', ', '),
    () => line + line,
  ])();
};
