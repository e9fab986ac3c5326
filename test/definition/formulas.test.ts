import { add, count, DefinitionError, definePipeline, div, event, max, metric, mul, quantiles, ratio, sub, sum, top } from 'twinstream';
import { z } from 'zod';
import { formulaText } from '../../shared/definition/formula.ts';

const hit = event(z.object({ at: z.iso.datetime(), page: z.string(), status: z.int(), ms: z.int() }), { time: 'at' });
const measures = { hits: count(), total: sum(hit.ms), last: max(hit.page), sizes: quantiles(hit.ms), pages: top(hit.page) };
const of = (formulas?: object) => {
  const definition = { dimensions: { status: hit.status }, measures, ...(formulas === undefined ? {} : { formulas }) } as never;
  const { hits } = definePipeline({ events: { hit }, metrics: { hits: metric(hit, definition) } }).metrics;
  if (hits === undefined) throw new Error('Expected a metric');
  return hits;
};

test('given formulas, then the definition and its hash are what they were: nothing is recomputed', () => {
  const formulas = { rate: ratio('total', 'hits'), spread: sub('sizes.p99', 'sizes.p50') };
  expect([of(formulas).hash, of(formulas).definition]).toEqual([of().hash, of().definition]);
  expect(of().formulas).toEqual([]);
});

test('given formulas that read others, then each is written out in measures', () => {
  const { formulas } = of({ share: mul('rate', 100), rate: div('total', add('hits', 1)) });
  expect(formulas.map(({ name, of: node }) => [name, formulaText(node)])).toEqual([
    ['share', '(total / (hits + 1)) * 100'],
    ['rate', 'total / (hits + 1)'],
  ]);
});

test('given formulas that read each other again and again, then they are refused before they grow', () => {
  const doubled = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}`, i === 0 ? add('hits', 'hits') : add(`f${i - 1}`, `f${i - 1}`)]));
  expect(() => of(doubled)).toThrow("formula 'f6': Expected at most 100 operations, got more");
});

test.each([
  [
    { rate: ratio('total', 'hit') },
    "metric 'hits', formula 'rate': Expected one of its measures or formulas (hits, total, sizes.p50, sizes.p90, sizes.p99, rate), got 'hit'. Fix: write 'hits'.",
  ],
  [
    { a: div('b', 'hits'), b: div('a', 'hits') },
    "metric 'hits', formula 'b': Expected formulas that do not read themselves, got a > b > a. Fix: read measures.",
  ],
  [{ rate: ratio('pages', 'hits') }, "metric 'hits', formula 'rate': Expected a measure with numbers, 'pages' is top of text. Fix: take another measure."],
  [{ rate: ratio('last', 'hits') }, "metric 'hits', formula 'rate': Expected a measure with numbers, 'last' is max of text. Fix: take another measure."],
  [
    { rate: ratio('sizes', 'hits') },
    "metric 'hits', formula 'rate': Expected a measure with numbers, 'sizes' is quantiles of integer. Fix: write one of 'sizes.p50', 'sizes.p90', 'sizes.p99'.",
  ],
  [{ rate: 'hits' }, "metric 'hits', formula 'rate': Expected a formula, got \"hits\". Fix: write one such as ratio('errors', 'requests')."],
  [{ rate: add('hits', Number.NaN) }, "metric 'hits', formula 'rate': Expected a finite number, got NaN. Fix: write another number."],
  [{ hits: add('total', 1) }, "metric 'hits': Expected names that differ by more than case, got 'hits' and 'hits'. Fix: rename one of them."],
])('given %j, then the load says what is wrong and how to mend it', (formulas, message) => {
  expect(() => of(formulas)).toThrow(new DefinitionError(message));
});
