import type { CallOp, Node } from '../../shared/definition/definition.ts';
import { EXPRESSION, type Expression, expressionOf } from '../../shared/definition/expression.ts';
import type { Simple } from '../../shared/definition/kinds.ts';
import { keeping } from '../../shared/measures/measure.ts';
import * as twinstream from '../../shared/pipeline.ts';
import type { Random } from '../../testing/random.ts';
import { thing } from './nasty.ts';

type Maker = (...args: readonly unknown[]) => Expression;
/** The builders, without their types: here kinds are chosen by the generator. */
const f = twinstream as unknown as Readonly<Record<Exclude<CallOp, 'in'> | 'in_', Maker>>;

const TEXTS = ['', 'a', '/', ' ', 'É', '😀', '%', "it's", '\\', 'b?c#d', '\t', '\u2028', 'null'];
const INTEGERS = [0, 1, -1, 2, 7, 100, -65_536, 1e9, Number.MAX_SAFE_INTEGER];
const DECIMALS = [0.19, 1.5, -0.01, 0.001, 100.25];
export const PATTERNS = [
  'a',
  '^a',
  'a$',
  '^$',
  '',
  '.',
  '^.$',
  '\\d+',
  '^[^/?#]*$',
  '\\s',
  '[é-ü]',
  '😀|𝒳',
  '^(a|b)+$',
  "it's",
  '[\\\\"]',
  'x?y{0,2}a',
  '^[a-z]+://',
  '\\.example(/|:|$)',
  '[^a-zA-Z0-9]{2}',
  '^\\W',
  '\\S\\s\\S',
  '(?:quo|te)"',
  '[-a]',
  '\\[0\\]',
  '^a.*b.*c',
  '&&|[&~]',
];

/** A random tree of a kind, of every operator that gives one. */
export const randomExpression = (r: Random, kind: Simple, depth: number): Expression => {
  const of = (...kinds: readonly Simple[]) => randomExpression(r, r.pick(kinds), depth - 1);
  const number = () => of('integer', 'decimal', 'float');
  const exact = () => (r.chance(0.3) ? r.pick<number | Expression>([...INTEGERS, ...DECIMALS]) : of('integer', 'decimal'));
  const text = () => of('text');
  const textOrConstant = () => (r.chance(0.5) ? r.pick(TEXTS) : text());
  const leaf: Readonly<Record<Simple, readonly unknown[]>> = {
    integer: [thing.n],
    decimal: [thing.price],
    float: [thing.weight],
    text: [thing.name, thing.kind, thing.url, thing.seen, thing.deep.er['odd.name-1'], thing.at],
    boolean: [thing.ok],
  };
  if (depth === 0) return r.pick(leaf[kind]) as Expression;
  const scale = () => r.integer(1, 4);
  const ways: Readonly<Record<Simple, readonly (() => Expression)[]>> = {
    integer: [
      () => f.add(of('integer'), r.pick(INTEGERS)),
      () => f.sub(r.pick(INTEGERS), of('integer')),
      () => f.mul(of('integer'), of('integer')),
      () => f.add(of('integer'), of('integer')),
      () => f.floor(number()),
      () => f.round(number()),
      () => f.length(text()),
      () => r.pick([f.hourOf, f.monthOf, f.weekdayOf])(text()),
      () => f.bucket(number(), [-100, 0, 1, 99, 4096]),
      () => f.coalesce(of('integer'), -1),
      () => f.when(of('boolean'), of('integer'), r.pick(INTEGERS)),
      () => expressionOf(keeping(of('boolean'), [of('integer')[EXPRESSION]])),
    ],
    decimal: [
      () => f.add(of('decimal'), exact()),
      () => f.sub(exact(), of('decimal')),
      () => f.mul(of('decimal'), exact()),
      () => f.mul(0.19, of('integer')),
      () => f.round(number(), scale()),
      () => f.when(of('boolean'), of('decimal'), exact()),
    ],
    float: [
      () => f.add(of('float'), number()),
      () => f.sub(number(), of('float')),
      () => f.mul(of('float'), number()),
      () => f.div(number(), number()),
      () => f.div(number(), r.pick([0, 3, 0.5])),
      () => f.coalesce(of('float'), 0.5),
      () => f.when(of('boolean'), of('float'), number()),
    ],
    text: [
      () => r.pick([f.lower, f.upper, f.trim, f.urlHost, f.urlPath, f.dateOf])(text()),
      () => f.concat(text(), r.pick(TEXTS), text()),
      () => f.part(text(), r.pick(TEXTS.slice(1)), r.integer(1, 3)),
      () => f.urlQuery(text(), r.pick(['b', 'q', 'utm.x'])),
      () => f.bucket(number(), [-0.5, 0, 0.1, 1e3]),
      () => f.coalesce(text(), r.pick(TEXTS)),
      () => f.when(of('boolean'), text(), r.pick(TEXTS)),
    ],
    boolean: [
      () => r.pick([f.eq, f.gt, f.gte, f.lt, f.lte])(number(), number()),
      () => r.pick([f.eq, f.gt, f.gte, f.lt, f.lte])(text(), textOrConstant()),
      () => f.in_(text(), [r.pick(TEXTS), r.pick(TEXTS)]),
      () => f.exists(of('integer', 'decimal', 'float', 'text', 'boolean')),
      () => f.not(of('boolean')),
      () => r.pick([f.and, f.or])(of('boolean'), of('boolean'), of('boolean')),
      () => r.pick([f.startsWith, f.contains])(text(), textOrConstant()),
      () => f.matches(text(), r.pick(PATTERNS)),
      () => f.eq(of('boolean'), r.chance(0.5)),
    ],
  };
  return r.pick(ways[kind])();
};

/** Trees that load: some are refused, such as a product of too many decimals. */
export const randomNodes = (r: Random, count: number, depth: number): Node[] => {
  const nodes: Node[] = [];
  while (nodes.length < count) {
    const made = randomExpression(r, r.pick(['integer', 'decimal', 'float', 'text', 'boolean']), r.integer(1, depth));
    const meaning = made[EXPRESSION];
    if ('node' in meaning) nodes.push(meaning.node);
  }
  return nodes;
};
