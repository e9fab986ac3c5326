import { type Pattern, parsePattern, printPattern } from '../../shared/definition/pattern.ts';
import { refuseSlow } from '../../shared/definition/pattern-cost.ts';
import { type Random, random } from '../../testing/random.ts';
import { PATTERNS } from '../support/random-expressions.ts';

const TEXTS = ['', 'a', 'b', 'ab', 'aab', 'x\ny', '/a/b', 'é', '😀', "it's", 'quo"te', '[0]', '-', '\\', '&&', '12', 'http://h.example:80/', '\u2028', '\r'];

test.each(PATTERNS)('given the pattern %j, then JavaScript reads what is printed like what was written', (text) => {
  const [written, printed] = [new RegExp(text, 'u'), new RegExp(printPattern(parsePattern(text), 'javascript'), 'u')];
  // A dot is any character but \n here; JavaScript leaves out \r, U+2028 and U+2029 too. Its \s knows all of Unicode.
  const isPlain = (one: string) => !(/[\r\u2028]/.test(one) && /[.\\]/.test(text));
  for (const one of TEXTS.filter(isPlain)) expect([one, printed.test(one)]).toEqual([one, written.test(one)]);
  expect(() => refuseSlow(parsePattern(text), text)).not.toThrow();
});

test('given characters that engines read in their own way, then they are written by their codes', () => {
  expect(printPattern(parsePattern('[a&~\\]-]/é😀'), 'sql')).toBe('[\\x26\\x2d\\x5da\\x7e]\\x2fé😀');
  expect(printPattern(parsePattern('^\\D.$'), 'sql')).toBe('\\A[^0-9][^\\x0a]\\z');
});

test.each([
  ['(', 'Expected ), got the end'],
  [')', 'Expected the end, got )'],
  ['a**', 'Expected one quantifier, got another: *'],
  ['a*?', 'Expected one quantifier, got another: ?'],
  ['*a', 'Expected a character, got *'],
  ['^*', 'Expected nothing to repeat ^ or $'],
  ['(?=a)', 'Expected ( or (?:, got (?'],
  ['(?<n>a)', 'Expected ( or (?:, got (?'],
  ['\\1', 'Expected one of \\d \\w \\s \\t \\n or a character that ^$\\.*+?()[]{}|/- has, got \\1'],
  ['\\b', 'got \\b'],
  ['\\p{L}', 'got \\p'],
  ['[]', 'Expected a class of at least one character, got ]'],
  ['[a', 'Expected ] at the end of a class'],
  ['[[:alpha:]]', 'Expected \\[ in a class, got ['],
  ['[z-a]', 'Expected a range from a lower to a higher character'],
  ['[\\d-z]', 'Expected a range from a lower to a higher character'],
  ['[\\d\\D]', 'Expected a class of some characters, got one of none or of all'],
  ['a{2,1}', 'Expected {n}, {n,} or {n,m} of at most 100'],
  ['a{101}', 'Expected {n}, {n,} or {n,m} of at most 100'],
  ['a{x}', 'Expected a number after {'],
  ['\\', 'Expected a character after \\, got the end'],
])('given %s, then it is refused by its place', (text, message) => {
  expect(() => parsePattern(text)).toThrow(message);
  expect(() => parsePattern(text)).toThrow(/ at character [0-9]+ of '/);
});

describe('patterns that some text could make slow', () => {
  test.each([
    '(a+)+$',
    '(a|a)*$',
    '(a|ab)*c',
    '(.*)*x',
    '([a-z]+[0-9]*)+!',
    'a*a*a*b',
    '.*a.*b.*c',
    '^.*a.*b.*c',
    '(a?){20}b',
    'a?a?a?a?a?a?a?a?b',
    '(?:[a-z]{100}){6}',
    '(a*)*',
  ])('given %s, then it is refused', (text) => expect(() => refuseSlow(parsePattern(text), text)).toThrow(`in '${text}'`));

  test.each(['^/api/[a-z]+/[0-9]+(/[a-z]+)*$', '.*x', '[a-z]+@', '^.*a.*b', '(GET|POST|PUT) /', '\\d{1,3}(\\.\\d{1,3}){3}', '^(/[^/]+)+/?$'])(
    'given %s, then it is taken',
    (text) => expect(() => refuseSlow(parsePattern(text), text)).not.toThrow(),
  );

  test('given random patterns that are taken, then a text twice as long costs at most some four times as much', () => {
    const r = random(7);
    let taken = 0;
    let refused = 0;
    for (let i = 0; i < 4_000; i++) {
      const pattern = randomPattern(r, 3);
      try {
        refuseSlow(pattern, '');
        taken++;
      } catch {
        refused++;
        continue;
      }
      const word = Array.from({ length: r.integer(1, 3) }, () => r.pick(['a', 'b'])).join('');
      const [short, long] = [20, 40].map((n) => stepsOf(pattern, `${word.repeat(n)}c`));
      if ((long ?? 0) > 3_000)
        expect({ pattern: printPattern(pattern, 'javascript'), word, growth: (long ?? 0) / (short ?? 1) < 5 }).toMatchObject({ growth: true });
    }
    expect(Math.min(taken, refused)).toBeGreaterThan(400);
  });
});

const randomPattern = (r: Random, depth: number): Pattern => {
  const code = (text: string) => text.charCodeAt(0);
  if (depth === 0 || r.chance(0.2))
    return { op: 'set', ranges: [r.pick([[code('a'), code('a')] as const, [code('b'), code('b')] as const, [code('a'), code('b')] as const])] };
  const inner = () => randomPattern(r, depth - 1);
  const several = () => Array.from({ length: r.integer(2, 3) }, inner);
  return r.pick<() => Pattern>([
    () => ({ op: 'sequence', of: several() }),
    () => ({ op: 'sequence', of: several() }),
    () => ({ op: 'any', of: several() }),
    () => ({ op: 'repeat', of: inner(), min: r.integer(0, 1), max: Number.POSITIVE_INFINITY }),
    () => ({ op: 'repeat', of: inner(), min: 0, max: r.integer(1, 3) }),
  ])();
};

/** What an engine does that tries one way after the other, from each place: how many characters it looks at, up to a million. */
const stepsOf = (pattern: Pattern, text: string): number => {
  let steps = 0;
  const run = (one: Pattern, at: number, then: (at: number) => boolean): boolean => {
    if (steps > 1e6) return true;
    switch (one.op) {
      case 'start':
        return at === 0 && then(at);
      case 'end':
        return at === text.length && then(at);
      case 'set':
        steps++;
        return at < text.length && one.ranges.some(([from, to]) => text.charCodeAt(at) >= from && text.charCodeAt(at) <= to) && then(at + 1);
      case 'sequence': {
        const part = (i: number, from: number): boolean => (i === one.of.length ? then(from) : run(one.of[i] as Pattern, from, (next) => part(i + 1, next)));
        return part(0, at);
      }
      case 'any':
        return one.of.some((part) => run(part, at, then));
      case 'repeat': {
        const round = (times: number, from: number): boolean =>
          (times < one.max && run(one.of, from, (next) => next > from && round(times + 1, next))) || (times >= one.min && then(from));
        return round(0, at);
      }
    }
  };
  // A match ends the search, so what follows is one that never comes.
  for (let at = 0; at <= text.length; at++) if (run(pattern, at, () => false)) break;
  return steps;
};
