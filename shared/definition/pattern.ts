/**
 * The subset of regular expressions that JavaScript, RE2 (DuckDB) and Joni (Trino) read alike: characters, `.`, classes such as
 * [a-z0-9_] and [^/], \d \w \s \D \W \S (of ASCII), groups, |, ? * + {n} {n,} {n,m}, ^ and $ (the whole text's ends). There are
 * no references, no look-around, no lazy quantifiers and no flags.
 */
export type Pattern =
  | { readonly op: 'set'; readonly ranges: readonly Range[] }
  | { readonly op: 'start' | 'end' }
  | { readonly op: 'sequence' | 'any'; readonly of: readonly Pattern[] }
  | { readonly op: 'repeat'; readonly of: Pattern; readonly min: number; readonly max: number };
/** Code points from and to, both included. */
export type Range = readonly [from: number, to: number];

/** A pattern that engines read differently, or that some text could make slow. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly what: string;
  readonly fix: string;
  constructor(what: string, fix: string) {
    super(`${what}; ${fix}`);
    this.what = what;
    this.fix = fix;
  }
}

const LAST = 0x10ffff;
const NAMED: Readonly<Record<string, readonly Range[]>> = {
  d: [[0x30, 0x39]],
  w: [
    [0x30, 0x39],
    [0x41, 0x5a],
    [0x5f, 0x5f],
    [0x61, 0x7a],
  ],
  s: [
    [0x09, 0x0d],
    [0x20, 0x20],
  ],
};
const CONTROL: Readonly<Record<string, number>> = { t: 0x09, n: 0x0a, v: 0x0b, f: 0x0c, r: 0x0d };
const SYNTAX = '^$\\.*+?()[]{}|/-';
/** Repetitions that are written out, and what RE2 takes. */
const MOST_REPEATED = 100;

/** Sorted, without overlaps. */
const merged = (ranges: readonly Range[]): Range[] => {
  const all: Range[] = [];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = all.at(-1);
    if (last !== undefined && from <= last[1] + 1) all[all.length - 1] = [last[0], Math.max(last[1], to)];
    else all.push([from, to]);
  }
  return all;
};
const negated = (ranges: readonly Range[]): Range[] => {
  const all: Range[] = [];
  let next = 0;
  for (const [from, to] of merged(ranges)) {
    if (from > next) all.push([next, from - 1]);
    next = to + 1;
  }
  return next > LAST ? all : [...all, [next, LAST]];
};

/** @throws {PatternError} what is wrong, and how to fix it. */
export const parsePattern = (text: string): Pattern => {
  const points = [...text];
  let at = 0;
  const refuse = (what: string, fix: string): never => {
    throw new PatternError(`${what} at character ${at + 1} of '${text}'`, fix);
  };
  const eat = (point: string): boolean => points[at] === point && ++at > 0;
  const number = (): number | null => {
    const from = at;
    while (/^[0-9]$/.test(points[at] ?? '')) at++;
    return at === from ? null : Number(points.slice(from, at).join(''));
  };

  const escaped = (): readonly Range[] => {
    const point = points[at] ?? refuse('Expected a character after \\, got the end', 'write \\\\ for a backslash');
    at++;
    const set = NAMED[point.toLowerCase()];
    if (set !== undefined) return point === point.toLowerCase() ? set : negated(set);
    const code = CONTROL[point] ?? (SYNTAX.includes(point) ? point.codePointAt(0) : undefined);
    at--;
    if (code === undefined)
      return refuse(
        `Expected one of \\d \\w \\s \\t \\n or a character that ${SYNTAX} has, got \\${point}`,
        'engines differ in it: write a class such as [a-z]',
      );
    at++;
    return [[code, code]];
  };
  const inClass = (): readonly Range[] => {
    if (eat('\\')) return escaped();
    const point = points[at] ?? refuse('Expected ] at the end of a class, got the end of the pattern', 'close the class');
    if (point === '[') return refuse('Expected \\[ in a class, got [', 'write \\[ for the character: engines read [[:alpha:]] differently');
    at++;
    const code = point.codePointAt(0) ?? 0;
    return [[code, code]];
  };
  const single = (set: readonly Range[]): number | null => (set.length === 1 && set[0]?.[0] === set[0]?.[1] ? (set[0]?.[0] ?? null) : null);
  const classOf = (): Pattern => {
    const isNegated = eat('^');
    const ranges: Range[] = [];
    if (points[at] === ']') refuse('Expected a class of at least one character, got ]', 'write \\] for the character');
    while (!eat(']')) {
      const set = inClass();
      if (points[at] === '-' && points[at + 1] !== ']' && points[at + 1] !== undefined) {
        at++;
        const [from, to] = [single(set), single(inClass())];
        if (from === null || to === null || from > to)
          refuse('Expected a range from a lower to a higher character', 'write one such as a-z, and \\- for the character');
        else ranges.push([from, to]);
      } else ranges.push(...set);
    }
    const set = isNegated ? negated(ranges) : merged(ranges);
    // A class of all characters is refused, too: no way to write it works in every engine.
    if (set.length === 0 || negated(set).length === 0)
      refuse('Expected a class of some characters, got one of none or of all', 'write . for any character but a new line');
    return { op: 'set', ranges: set };
  };

  const atom = (): Pattern => {
    if (eat('(')) {
      if (eat('?') && !eat(':')) refuse('Expected ( or (?:, got (?', 'leave look-around, names and flags out');
      const inner = choice();
      if (!eat(')')) refuse('Expected ), got the end', 'close the group');
      return inner;
    }
    if (eat('[')) return classOf();
    if (eat('.')) return { op: 'set', ranges: negated([[0x0a, 0x0a]]) };
    if (eat('^')) return { op: 'start' };
    if (eat('$')) return { op: 'end' };
    if (eat('\\')) return { op: 'set', ranges: escaped() };
    const point = points[at] ?? '';
    if ('*+?{}]'.includes(point)) return refuse(`Expected a character, got ${point}`, `write \\${point} for the character`);
    at++;
    const code = point.codePointAt(0) ?? 0;
    return { op: 'set', ranges: [[code, code]] };
  };
  const times = (): readonly [number, number] | null => {
    if (eat('*')) return [0, Number.POSITIVE_INFINITY];
    if (eat('+')) return [1, Number.POSITIVE_INFINITY];
    if (eat('?')) return [0, 1];
    if (!eat('{')) return null;
    const min = number() ?? refuse('Expected a number after {', 'write {2}, {2,} or {2,5}, and \\{ for the character');
    const max = eat(',') ? (number() ?? Number.POSITIVE_INFINITY) : min;
    if (!eat('}') || max < min || min > MOST_REPEATED || (max !== Number.POSITIVE_INFINITY && max > MOST_REPEATED))
      refuse(`Expected {n}, {n,} or {n,m} of at most ${MOST_REPEATED}`, 'write + or * for any number');
    return [min, max];
  };
  const term = (): Pattern => {
    const of = atom();
    const range = times();
    if (range === null) return of;
    if (of.op === 'start' || of.op === 'end') refuse('Expected nothing to repeat ^ or $', 'leave the quantifier out');
    if ('*+?{'.includes(points[at] ?? ' '))
      refuse(`Expected one quantifier, got another: ${points[at]}`, 'leave it out: there are no lazy and no possessive ones');
    return { op: 'repeat', of, min: range[0], max: range[1] };
  };
  const sequence = (): Pattern => {
    const of: Pattern[] = [];
    while (at < points.length && points[at] !== '|' && points[at] !== ')') of.push(term());
    return of.length === 1 && of[0] !== undefined ? of[0] : { op: 'sequence', of };
  };
  const choice = (): Pattern => {
    const of = [sequence()];
    while (eat('|')) of.push(sequence());
    return of.length === 1 && of[0] !== undefined ? of[0] : { op: 'any', of };
  };

  const whole = choice();
  if (at < points.length) refuse(`Expected the end, got ${points[at]}`, `write \\${points[at]} for the character`);
  return whole;
};

/** The pattern as an engine's text: whatever an engine might read in its own way is written by its code. */
export const printPattern = (pattern: Pattern, engine: 'javascript' | 'sql'): string => {
  const code = (point: number) => {
    const text = String.fromCodePoint(point);
    if (/^[a-zA-Z0-9]$/.test(text) || (point >= 0x80 && engine === 'sql')) return text;
    return engine === 'javascript' ? `\\u{${point.toString(16)}}` : `\\x${point.toString(16).padStart(2, '0')}`;
  };
  const items = (ranges: readonly Range[]) => ranges.map(([from, to]) => (from === to ? code(from) : `${code(from)}-${code(to)}`)).join('');
  const set = (ranges: readonly Range[]) => {
    if (ranges.length === 1 && ranges[0]?.[0] === ranges[0]?.[1]) return code(ranges[0]?.[0] ?? 0);
    return ranges.at(-1)?.[1] === LAST ? `[^${items(negated(ranges))}]` : `[${items(ranges)}]`;
  };
  const print = (one: Pattern): string => {
    switch (one.op) {
      case 'start':
        return engine === 'javascript' ? '^' : '\\A';
      case 'end':
        return engine === 'javascript' ? '$' : '\\z';
      case 'set':
        return set(one.ranges);
      case 'sequence':
        return one.of.map((part) => (part.op === 'any' ? `(?:${print(part)})` : print(part))).join('');
      case 'any':
        return one.of.map(print).join('|');
      case 'repeat': {
        const inner = one.of.op === 'set' ? print(one.of) : `(?:${print(one.of)})`;
        const max = one.max === Number.POSITIVE_INFINITY ? '' : one.max;
        return `${inner}{${one.min}${max === one.min ? '' : `,${max}`}}`;
      }
    }
  };
  return print(pattern);
};
