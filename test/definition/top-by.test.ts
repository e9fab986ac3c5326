import { count, mean, sum, top } from '../../shared/pipeline.ts';
import { expectRefused, loose, order, withMetric } from './edits.ts';

const definitionOf = (of: Parameters<typeof withMetric>[0]) => withMetric(of)().metrics.m;

test('given a sum that values are ranked by, then the definition says so, with its field and options', () => {
  const { definition } = definitionOf((e) => ({ measures: { x: top(e.page, { limit: 3, by: sum(e.score, { scale: 2 }) }) } })) as never as {
    definition: object;
  };
  expect(definition).toMatchObject({
    measures: [
      {
        name: 'x',
        measure: 'top',
        of: { op: 'field', path: ['page'] },
        options: { limit: 3 },
        by: { measure: 'sum', of: { op: 'field', kind: 'float', path: ['score'] }, options: { scale: 2 } },
      },
    ],
  });
});

test('given count(), which is the default, then the definition is the one without', () =>
  expect(definitionOf((e) => ({ measures: { x: top(e.page, { by: count() }) } }))?.hash).toBe(definitionOf((e) => ({ measures: { x: top(e.page) } }))?.hash));

test.each<[string, () => unknown, string]>([
  [
    'a field to rank by',
    withMetric((e) => ({ measures: { x: top(e.page, { by: loose(e.added) }) } })),
    "metric 'm', measure 'x': top: by: Expected sum(…) or count(), got 'added'. Fix: write one such as { by: sum(order.price) }.",
  ],
  [
    'another measure to rank by',
    withMetric((e) => ({ measures: { x: top(e.page, { by: loose(mean(e.added)) }) } })),
    "metric 'm', measure 'x': top: by: Expected sum(…) or count(), got mean(…). Fix: write one such as { by: sum(order.price) }.",
  ],
  [
    'a count with a condition',
    withMetric((e) => ({ measures: { x: top(e.page, { by: count({ where: e.isRobot }) }) } })),
    "metric 'm', measure 'x': top: by: Expected count() without a condition. Fix: write { where } beside by.",
  ],
  [
    'a sum of a float without a scale',
    withMetric((e) => ({ measures: { x: top(e.page, { by: sum(loose(e.score)) }) } })),
    "metric 'm', measure 'x', by: sum: 'score' is float; a float has no exact total. Fix: write z.int() or decimal(2) in the schema, or { scale: 6 } on the measure.",
  ],
  [
    'a sum of another event',
    withMetric((e) => ({ measures: { x: top(e.page, { by: sum(order.price) }) } })),
    "metric 'm', measure 'x', by: 'price' belongs to another event. Fix: take a field of edit.",
  ],
  [
    'a sum that no measure takes',
    withMetric((e) => ({ measures: { x: loose(sum(e.added)) && top(e.page) } })),
    "event 'edit': sum('added') was made, but is part of no metric and no entity. Fix: write and(a, b), or(a, b), not(a) where && || ! ?: are, and drop what is not needed.",
  ],
])('given %s, then loading fails, and says what to write', (_, define, message) => expectRefused(define, message));
