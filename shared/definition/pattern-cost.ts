import { type Pattern, PatternError, type Range } from './pattern.ts';

/** A set of the pattern that takes one character, and the loops that it is in. */
interface Position {
  readonly ranges: readonly Range[];
  readonly loops: readonly number[];
  /** What may come next. */
  readonly next: Set<number>;
}
interface Part {
  readonly isNullable: boolean;
  readonly first: readonly number[];
  readonly last: readonly number[];
}

const MOST_POSITIONS = 500;
/** Choices outside of loops that a text may leave open: each can double the work. */
const MOST_CHOICES = 6;

/**
 * Refuses a pattern that some text could make slow. JavaScript and Joni try one way after the other, so what counts is how
 * often a character leaves two ways open. It is read from the pattern's position automaton: inside of a loop two ways must
 * never begin with the same character, or the work is exponential, as in (a+)+$. A loop whose next round begins like what
 * follows it multiplies the work of that by the length of the text, as does a pattern that may begin anywhere: the square of
 * the length is allowed.
 *
 * Source: Glushkov, The abstract theory of automata (1961); Brüggemann-Klein and Wood, One-unambiguous regular languages (1998).
 *
 * @throws {PatternError} which part is ambiguous, and what to write instead.
 */
export const refuseSlow = (pattern: Pattern, text: string): void => {
  const positions: Position[] = [];
  let loops = 0;
  const refuse = (what: string, fix: string): never => {
    throw new PatternError(`${what} in '${text}'`, fix);
  };
  const link = (last: readonly number[], first: readonly number[]) => {
    for (const from of last) for (const to of first) positions[from]?.next.add(to);
  };
  const nothing: Part = { isNullable: true, first: [], last: [] };
  const sequence = (a: Part, b: Part): Part => {
    link(a.last, b.first);
    return {
      isNullable: a.isNullable && b.isNullable,
      first: a.isNullable ? [...a.first, ...b.first] : a.first,
      last: b.isNullable ? [...a.last, ...b.last] : b.last,
    };
  };
  const build = (one: Pattern, inside: readonly number[]): Part => {
    switch (one.op) {
      case 'start':
      case 'end':
        return nothing;
      case 'set': {
        if (positions.length === MOST_POSITIONS)
          refuse(`Expected at most ${MOST_POSITIONS} characters and classes, repeated ones counted as often,`, 'write less');
        const place = positions.push({ ranges: one.ranges, loops: inside, next: new Set() }) - 1;
        return { isNullable: false, first: [place], last: [place] };
      }
      case 'sequence':
        return one.of.reduce<Part>((all, part) => sequence(all, build(part, inside)), nothing);
      case 'any': {
        const parts = one.of.map((part) => build(part, inside));
        return {
          isNullable: parts.some(({ isNullable }) => isNullable),
          first: parts.flatMap(({ first }) => first),
          last: parts.flatMap(({ last }) => last),
        };
      }
      case 'repeat': {
        let all = nothing;
        for (let i = 0; i < one.min; i++) all = sequence(all, build(one.of, inside));
        if (one.max === Number.POSITIVE_INFINITY) {
          const round = build(one.of, [...inside, loops++]);
          if (round.isNullable) refuse('Expected something to repeat, got a part that may be empty, repeated', 'take ? or * out of the group');
          link(round.last, round.first);
          return sequence(all, { ...round, isNullable: true });
        }
        for (let i = one.min; i < one.max; i++) all = sequence(all, { ...build(one.of, inside), isNullable: true });
        return all;
      }
    }
  };

  const whole = build(pattern, []);
  const ambiguous = new Set<number>();
  let choices = 0;
  const weigh = (from: readonly number[], next: readonly number[]): void => {
    for (const [i, a] of next.entries())
      for (const b of next.slice(i + 1)) {
        const [x, y] = [positions[a], positions[b]];
        if (x === undefined || y === undefined || !overlap(x.ranges, y.ranges)) continue;
        if (from.some((loop) => x.loops.includes(loop) && y.loops.includes(loop)))
          refuse(
            'Expected one way to go on in a repeated group, got two that begin with the same character,',
            'make the parts begin with different characters',
          );
        const [left] = from;
        if (left === undefined) choices++;
        else ambiguous.add(left);
      }
  };
  /**
   * The power of the text's length that the rest costs at most from a position on: a loop costs its length once, and one that
   * may end in several places costs what follows it as often.
   */
  const known = new Map<number, number>();
  const powerFrom = (place: number): number => {
    const found = known.get(place);
    if (found !== undefined) return found;
    const loop = positions[place]?.loops[0];
    const inside = loop === undefined ? [place] : [...positions.keys()].filter((one) => positions[one]?.loops[0] === loop);
    const after = inside.flatMap((one) => [...(positions[one]?.next ?? [])]).filter((to) => loop === undefined || positions[to]?.loops[0] !== loop);
    const rest = Math.max(0, ...after.map(powerFrom));
    const power = loop === undefined ? rest : ambiguous.has(loop) ? rest + 1 : Math.max(rest, 1);
    known.set(place, power);
    return power;
  };

  weigh([], whole.first);
  for (const { loops: from, next } of positions) weigh(from, [...next]);
  if (choices > MOST_CHOICES)
    refuse(
      `Expected at most ${MOST_CHOICES} places where two ways begin with the same character, got ${choices}`,
      'write what alternatives share before the group',
    );
  const power = Math.max(0, ...whole.first.map((place) => powerFrom(place)));
  if (power + (beginsAtStart(pattern) ? 0 : 1) > 2)
    refuse(
      'Expected work that grows with the square of the text at most, got loops such as .* that what follows may be part of,',
      'write [^/]* and the like, begin with ^, leave .* out at the end, or combine several matches with and()',
    );
};

const overlap = (a: readonly Range[], b: readonly Range[]): boolean => a.some(([from, to]) => b.some(([start, end]) => from <= end && start <= to));
const beginsAtStart = (one: Pattern): boolean => {
  switch (one.op) {
    case 'start':
      return true;
    case 'sequence':
      return one.of[0] !== undefined && beginsAtStart(one.of[0]);
    case 'any':
      return one.of.every(beginsAtStart);
    default:
      return false;
  }
};
