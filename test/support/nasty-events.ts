import type { StoredEvent } from '../../shared/log/stored-event.ts';
import type { Json } from '../../shared/measures/measure.ts';
import { type Random, random } from '../../testing/random.ts';

const TEXTS = [
  '',
  'a',
  'A',
  'b',
  "it's",
  'quo"te',
  'back\\slash',
  'new\nline',
  'tab\t',
  '\u0000nul',
  '\ufeffbom',
  'é',
  'É',
  'İ',
  'Σας',
  'ДА',
  '😀',
  '￿',
  '𝒳',
  '%_',
  '$.a',
  '[0]',
  'null',
  'true',
  '12',
  '1e5',
  ' lead',
  'trail ',
  '\u2028',
  'ß',
  '<b>',
  ';--',
  '\r',
  '\u007f',
];
const INTEGERS = [
  0,
  1,
  -1,
  2,
  3,
  7,
  50,
  99,
  100,
  101,
  127,
  128,
  255,
  4096,
  65_535,
  -65_536,
  1e9,
  -1e12,
  2 ** 52,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_SAFE_INTEGER,
];
const PRICES = [0, 0.01, -0.01, 0.1, 0.29, 1.005, 1.1, 19.99, 1_000_000.01, 90_071_992_547_409.9, -3.33];
const FLOATS = [
  0,
  0.1,
  0.2,
  1 / 3,
  -1 / 3,
  5e-324,
  2.2250738585072014e-308,
  1e-7,
  1e21,
  1e22,
  1.5e300,
  7.9e307,
  9e307,
  -8e307,
  123.456789,
  2 ** 53,
  2 ** 53 - 0.5,
  2 ** 54,
  0.5,
  1.5,
  2.5,
  -0.5,
  -1.5,
  // biome-ignore lint/correctness/noPrecisionLoss: a half that doubles do not have is the point
  4503599627370497.5,
];
const URLS = [
  'https://Example.com/a?b#c',
  'http://user:pw@host.example:8080',
  'ftp://[::1]:21/x',
  'not a url',
  'https:///x',
  'HTTPS://ÀÉ.example',
  'a+b://h',
  '//x',
  'http://a\nb/c',
  ' https://late.example',
  'x\nhttps://second.example/',
  '',
];
const SEEN = [
  '2015-09-12T00:46:58.771Z',
  '2016-02-29T23:59:59Z',
  '2015-02-30T10:00Z',
  '2015-13-01T10:00Z',
  '2015-09-12',
  '1999-12-31T24:00:00Z',
  '2015-09-12T10:00:00+02:00',
  '0001-01-01T00:00Z',
  '2015-09-12T10:00Z\n',
  'x\n2015-09-12T10:00Z',
  'x',
];
/** Values of a wrong kind, as an older schema may have left them. */
const WRONG: readonly Json[] = [null, '12', 12, 1.5, true, [], {}, ['a'], { a: 1 }, 'true'];

/** Stored events full of what breaks SQL, JSON and floating point; a few repeat a source and id. */
export const nastyEvents = (seed: number, count: number, days = 2): StoredEvent[] => {
  const r = random(seed);
  const start = Date.parse('2015-09-11T22:00:00.000Z');
  const maybe = <T extends Json>(list: readonly T[], extra?: () => Json): Json =>
    r.chance(0.08) ? r.pick(WRONG) : r.chance(0.1) ? null : extra && r.chance(0.5) ? extra() : r.pick(list);
  const list = (item: () => Json): Json => (r.chance(0.1) ? r.pick(WRONG) : Array.from({ length: r.integer(0, 4) }, item));
  return Array.from({ length: count }, (_, i) => {
    const time = new Date(start + r.integer(0, days * 86_400_000)).toISOString();
    const data: Record<string, Json> = { at: time };
    const put = (name: string, value: Json) => {
      if (!r.chance(0.07)) data[name] = value;
    };
    put(
      'name',
      maybe(TEXTS, () => text(r)),
    );
    put('kind', maybe(TEXTS.slice(0, 18)));
    put(
      'n',
      maybe(INTEGERS, () => r.integer(-1_000, 100_000)),
    );
    put(
      'price',
      maybe(PRICES, () => r.integer(-100_000, 10_000_000) / 100),
    );
    put(
      'weight',
      maybe(FLOATS, () => (r.next() - 0.5) * 10 ** r.integer(-12, 18)),
    );
    put('ok', maybe([true, false]));
    put('url', maybe(URLS));
    put('seen', maybe(SEEN));
    put('deep', r.chance(0.8) ? { er: r.chance(0.9) ? { 'odd.name-1': maybe(TEXTS), list: list(() => maybe(INTEGERS)) } : null } : (maybe([]) ?? null));
    put(
      'tags',
      list(() => maybe(TEXTS)),
    );
    put(
      'lines',
      list(() =>
        r.chance(0.1)
          ? r.pick(WRONG)
          : {
              sku: maybe(TEXTS.slice(0, 12)),
              n: maybe(INTEGERS, () => r.integer(-10, 100)),
              price: maybe(PRICES),
              weight: maybe(FLOATS),
              ok: maybe([true, false]),
              ...(r.chance(0.5) ? { in: { 'odd.name-1': maybe(TEXTS) } } : {}),
            },
      ),
    );
    put('unknown', { any: [1, 'x', null, { y: text(r) }] });
    return { id: `id-${r.chance(0.02) ? r.integer(0, i) : i}`, source: r.pick(['/a', '/b', 'urn:ü']), type: 'thing', time, data };
  });
};
const text = (r: Random) => Array.from({ length: r.integer(0, 6) }, () => r.pick(TEXTS)).join('');
