import fc from 'fast-check';
import type { CallOp, Node, Scalar } from '../../shared/definition/definition.ts';
import type { Simple } from '../../shared/definition/kinds.ts';
import { compileExpression } from '../../shared/fold/evaluate.ts';
import type { Json } from '../../shared/measures/measure.ts';
import type { Value } from '../../shared/operators/operator.ts';
import { RUNS } from '../laws/specs.ts';

const field = (kind: Simple, ...path: readonly string[]): Node => ({ op: 'field', kind, path });
const constant = (value: Scalar, kind: Simple): Node => ({ op: 'const', kind, value });
const call = (op: CallOp, kind: Simple, ...args: readonly Node[]): Node => ({ op, kind, args });
const evaluated = (node: Node, data: Readonly<Record<string, Json>>, time = '2015-09-12T00:46:58.771Z'): Value =>
  compileExpression(node)({ id: 'a', source: '/s', type: 'e', time, data });

const [t, f, unknown] = [constant(true, 'boolean'), constant(false, 'boolean'), field('boolean', 'none')];

describe('three-valued logic', () => {
  // Kleene: false < unknown < true; and is the least, or the greatest, not the mirror.
  const rank = (value: Value) => (value === null ? 1 : value === true ? 2 : 0);
  const value = (of: number): Value => [false, null, true][of] as Value;
  const all = [t, f, unknown];
  test.each(all.flatMap((a) => all.map((b) => [a, b] as const)))('given %j and %j, then and, or and not are as in SQL', (a, b) => {
    const [x, y] = [rank(evaluated(a, {})), rank(evaluated(b, {}))];
    expect(evaluated(call('and', 'boolean', a, b), {})).toBe(value(Math.min(x, y)));
    expect(evaluated(call('or', 'boolean', a, b), {})).toBe(value(Math.max(x, y)));
    expect(evaluated(call('not', 'boolean', a), {})).toBe(value(2 - x));
  });

  test('given a list with a null, then in is true for one that is there, and unknown for one that is not', () => {
    const list = [constant('a', 'text'), field('text', 'none')];
    const within = (data: Readonly<Record<string, Json>>) => evaluated(call('in', 'boolean', field('text', 'x'), ...list), data);
    expect([within({ x: 'a' }), within({ x: 'b' }), within({}), within({ x: null })]).toEqual([true, null, null, null]);
    expect(evaluated(call('in', 'boolean', field('text', 'x'), constant('a', 'text')), { x: 'b' })).toBe(false);
  });
});

test.each<[CallOp, Scalar, Scalar, Simple, boolean]>([
  ['eq', 1, 1, 'integer', true],
  ['eq', 1, 1.5, 'float', false],
  ['eq', '', '', 'text', true],
  ['eq', 'a', 'A', 'text', false],
  ['gt', 2, 1, 'integer', true],
  ['gt', 1, 1, 'integer', false],
  ['gte', 1, 1, 'integer', true],
  ['lt', -1, 0, 'integer', true],
  ['lte', 0, 0, 'integer', true],
  ['lte', 0.2, 0.1, 'float', false],
  // U+FFEE is less than U+1F600 by code point and by UTF-8 bytes, but not by UTF-16 units.
  ['lt', '\uffee', '😀', 'text', true],
  ['gt', '😀', '\uffee', 'text', true],
  ['lt', 'Z', 'a', 'text', true],
  ['lt', '', 'a', 'text', true],
])('given %s of %j and %j, then it is as in SQL, and null where a side is missing', (op, a, b, kind, holds) => {
  const node = call(op, 'boolean', field(kind, 'a'), field(kind, 'b'));
  expect(evaluated(node, { a, b })).toBe(holds);
  expect([evaluated(node, { a }), evaluated(node, { b }), evaluated(node, { a: null, b }), evaluated(node, {})]).toEqual([null, null, null, null]);
});

test.each<[Simple, Json, Value]>([
  ['integer', 3, 3],
  ['integer', 1.5, null],
  ['integer', '3', null],
  ['integer', 2 ** 53, null],
  ['integer', true, null],
  ['decimal', 1.25, 1.25],
  ['float', 8e307, 8e307],
  ['float', 9e307, null],
  ['float', '1', null],
  ['text', '', ''],
  ['text', 0, null],
  ['text', ['a'], null],
  ['boolean', false, false],
  ['boolean', 'false', null],
  ['boolean', 0, null],
  ['text', null, null],
])('given a field of kind %s that holds %j, then it is %j: a value of another kind counts as missing', (kind, held, value) => {
  expect(evaluated(field(kind, 'x'), { x: held })).toBe(value);
  expect(evaluated(call('exists', 'boolean', field(kind, 'x')), { x: held })).toBe(value !== null);
});

test('given nested fields, then each level may be missing, null or no object', () => {
  const at = field('text', 'a', 'b', 'c');
  expect(evaluated(at, { a: { b: { c: 'x' } } })).toBe('x');
  for (const a of [undefined, null, 'x', [], {}, { b: null }, { b: 'x' }, { b: ['c'] }, { b: {} }])
    expect(evaluated(at, a === undefined ? {} : { a })).toBeNull();
});

test('given names that every JavaScript object has, then they are missing like any other', () => {
  for (const name of ['toString', 'constructor', 'valueOf', 'hasOwnProperty'])
    for (const node of [field('text', name), field('text', 'a', name), field('text', name, 'name')]) expect(evaluated(node, { a: {} })).toBeNull();
});

describe('parts of a time, in UTC', () => {
  const of = (op: CallOp, text: Json) => evaluated(call(op, 'integer', field('text', 'x')), { x: text });
  test.each([
    ['2015-09-12T00:46:58.771Z', 0, 6, 9, '2015-09-12'],
    ['2016-02-29T23:59:59Z', 23, 1, 2, '2016-02-29'],
    ['0001-01-01T00:00Z', 0, 1, 1, '0001-01-01'],
    ['2023-12-31T12:00:00.123456Z', 12, 7, 12, '2023-12-31'],
  ])('given %s, then hour, weekday, month and date are cut from it', (text, hour, weekday, month, date) => {
    expect([of('hourOf', text), of('weekdayOf', text), of('monthOf', text), of('dateOf', text)]).toEqual([hour, weekday, month, date]);
  });
  test.each(['2015-09-12', '2015-09-12T10:00:00+02:00', '2015-13-01T10:00Z', '2015-09-12T24:00Z', '2015-09-12T10:00Z\n', 'x\n2015-09-12T10:00Z', '', 'now'])(
    'given %j, then it has no parts',
    (text) => expect([of('hourOf', text), of('weekdayOf', text), of('monthOf', text), of('dateOf', text)]).toEqual([null, null, null, null]),
  );
  test('given a day that no month has, then it has no weekday', () => expect(of('weekdayOf', '2015-02-30T10:00Z')).toBeNull());
  test("given the event's own time, then it is the canonical one, whatever the field says", () => {
    expect(evaluated(call('hourOf', 'integer', { op: 'time', kind: 'text' }), { at: 'x' }, '2015-09-12T05:00:00.000Z')).toBe(5);
  });
});

test.each([
  ['https://Example.com/a?b#c', 'example.com'],
  ['http://user:pw@host.example:8080', 'host.example'],
  ['ftp://[::1]:21/x', '[::1]'],
  ['HTTPS://ÀÉ.example', 'àé.example'],
  ['a+b://h', 'h'],
  ['//x', null],
  ['not a url', null],
  ['https:///x', null],
  [' https://late.example', null],
  ['x\nhttps://second.example/', null],
])('given the URL %j, then its host is %j', (text, host) => expect(evaluated(call('urlHost', 'text', field('text', 'x')), { x: text })).toBe(host));

test.each([
  ['ABC', 'abc'],
  ['ÄÉ', 'äé'],
  ['ΣΑΣ', 'σασ'],
  ['ДА', 'да'],
  ['İ', 'İ'],
  ['ẞ𝔄', 'ẞ𝔄'],
])('given %s, then lower gives %s: one for one, for Latin, Greek and Cyrillic', (text, low) =>
  expect(evaluated(call('lower', 'text', field('text', 'x')), { x: text })).toBe(low),
);

test('given a default, then coalesce gives it only where there is no value', () => {
  const node = call('coalesce', 'integer', field('integer', 'x'), constant(-1, 'integer'));
  expect([evaluated(node, { x: 0 }), evaluated(node, { x: null }), evaluated(node, {}), evaluated(node, { x: 'a' })]).toEqual([0, -1, -1, -1]);
});

/** A plain interpreter, written from SQL's rules: null as `undefined`, logic by rank. */
const plain = (node: Node, data: Readonly<Record<string, Json>>): Scalar | undefined => {
  if (node.op === 'const') return node.value;
  if (node.op === 'time') return '2015-09-12T00:46:58.771Z';
  if (node.op === 'field') {
    const value = data[node.path[0] ?? ''];
    const fits = { integer: Number.isSafeInteger(value), text: typeof value === 'string', boolean: typeof value === 'boolean' }[node.kind as string];
    return fits === true ? (value as Scalar) : undefined;
  }
  if (node.op === 'item') return undefined;
  const args = node.args.map((arg) => plain(arg, data));
  const [a, b] = args;
  const rank = (x: Scalar | undefined) => (x === undefined ? 1 : x === true ? 2 : 0);
  const back = (n: number) => [false, undefined, true][n];
  const order = (): number => (typeof a === 'string' ? Buffer.compare(Buffer.from(a), Buffer.from(b as string)) : Math.sign((a as number) - (b as number)));
  const both = (holds: () => boolean) => (a === undefined || b === undefined ? undefined : holds());
  switch (node.op) {
    case 'and':
      return back(Math.min(...args.map(rank)));
    case 'or':
      return back(Math.max(...args.map(rank)));
    case 'not':
      return back(2 - rank(a));
    case 'eq':
      return both(() => a === b);
    case 'gt':
      return both(() => order() > 0);
    case 'gte':
      return both(() => order() >= 0);
    case 'lt':
      return both(() => order() < 0);
    case 'lte':
      return both(() => order() <= 0);
    case 'in':
      return a === undefined ? undefined : args.slice(1).includes(a) ? true : args.includes(undefined) ? undefined : false;
    case 'exists':
      return a !== undefined;
    case 'coalesce':
      return a ?? b;
    default:
      throw new Error(`Expected an operator that this interpreter knows, got ${node.op}`);
  }
};

test('given random conditions and events, then each is what a plain interpreter makes of it', () => {
  const text = fc.constantFrom('', 'a', 'b', '\uffee', '😀');
  const number = fc.integer({ min: -2, max: 2 });
  const texts: fc.Arbitrary<Node> = fc.oneof(
    fc.constantFrom(field('text', 'u'), field('text', 'v')),
    text.map((value) => constant(value, 'text')),
    text.map((value) => call('coalesce', 'text', field('text', 'u'), constant(value, 'text'))),
  );
  const numbers: fc.Arbitrary<Node> = fc.oneof(
    fc.constantFrom(field('integer', 'm'), field('integer', 'n')),
    number.map((value) => constant(value, 'integer')),
  );
  const { condition } = fc.letrec<{ condition: Node }>((tie) => {
    const pair = (of: fc.Arbitrary<Node>) =>
      fc.tuple(fc.constantFrom<CallOp>('eq', 'gt', 'gte', 'lt', 'lte'), of, of).map(([op, a, b]) => call(op, 'boolean', a, b));
    const list = (of: fc.Arbitrary<Node>) => fc.array(of, { minLength: 2, maxLength: 4 }).map((args) => call('in', 'boolean', ...args));
    const logic = fc
      .tuple(fc.constantFrom<CallOp>('and', 'or'), fc.array(tie('condition'), { minLength: 1, maxLength: 3 }))
      .map(([op, args]) => call(op, 'boolean', ...args));
    return {
      condition: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(field('boolean', 'p'), field('boolean', 'q'), t, f),
        pair(texts),
        pair(numbers),
        list(texts),
        texts.map((arg) => call('exists', 'boolean', arg)),
        logic,
        tie('condition').map((arg) => call('not', 'boolean', arg)),
      ),
    };
  });
  const nullish = <T extends Json>(of: fc.Arbitrary<T>) => fc.oneof(of, fc.constant(null), fc.constant(1.5));
  const event = fc.record(
    { u: nullish(text), v: nullish(text), m: nullish(number), n: nullish(number), p: nullish(fc.boolean()), q: fc.boolean() },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(condition, event, (node, data) => {
      expect(evaluated(node, data as Readonly<Record<string, Json>>)).toBe(plain(node, data as Readonly<Record<string, Json>>) ?? null);
    }),
    { ...RUNS, numRuns: 3_000 },
  );
});
