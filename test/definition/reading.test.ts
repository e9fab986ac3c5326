import { inspect } from 'node:util';
import { z } from 'zod';
import { count, definePipeline, eq, event, lower, metric, sum } from '../../shared/pipeline.ts';

import { accessEvent, loose, messageOf, order, schema } from './access-event.ts';

test('given an event, when a debugger, a matcher, a promise or a loop reads all of it, then the load is the same, and errors are too', async () => {
  const access = accessEvent();
  const load = () =>
    definePipeline({ events: { access }, metrics: { hits: metric(access, { measures: { n: count(), bytes: sum(access.bytes) } }) } }).metrics.hits?.hash;
  const before = load();
  const read = async () => {
    expect(Object.entries(access).map(([name]) => name)).toEqual(Object.keys(schema.shape));
    expect(access).toEqual(access);
    expect(access).not.toEqual(order);
    expect(access.geo.country).toBe(access.geo.country);
    expect(inspect(access, { depth: 4, getters: true })).toContain('method');
    expect(`${access.path}`).toBe("'path'");
    await access;
    for (const name in access) expect(name in access).toBe(true);
    const { path, ...rest } = access;
    expect([path, ...Object.values(rest)]).toHaveLength(Object.keys(schema.shape).length);
  };
  await read();
  expect(load()).toBe(before);
  await read();
  expect(messageOf(() => definePipeline({ events: { access }, metrics: { m: metric(access, loose({ dimensions: { d: undefined }, measures: {} })) } }))).toBe(
    "metric 'm': Expected 1 to 32 measures, got 0. Fix: add one, such as events: count().",
  );
});

test('given a metric that is made and left out of the pipeline, then its parts are not taken for dropped', () => {
  const access = accessEvent();
  metric(access, { dimensions: { path: lower(access.path) }, measures: { bytes: sum(access.bytes) }, where: eq(access.isBot, false) });
  expect(messageOf(() => definePipeline({ events: { access }, metrics: {} }))).toBe('no error');
});

test('given an expression in two metrics and two pipelines, then each takes it', () => {
  const access = accessEvent();
  const human = eq(access.isBot, false);
  const bytes = sum(access.bytes);
  const load = () =>
    definePipeline({
      events: { access },
      metrics: { a: metric(access, { measures: { bytes }, where: human }), b: metric(access, { window: '1h', measures: { bytes }, where: human }) },
    });
  expect(messageOf(load)).toBe('no error');
  expect(messageOf(load)).toBe('no error');
});

test('given a schema that holds itself, then its fields are there as deep as they are asked', () => {
  const node = z.object({
    time: z.iso.datetime(),
    name: z.string(),
    get parent() {
      return node.optional();
    },
  });
  const e = event(node, { time: 'time' });
  const pipeline = definePipeline({ events: { e }, metrics: { m: metric(e, { dimensions: { grand: e.parent.parent.name }, measures: { n: count() } }) } });
  expect(pipeline.metrics.m?.definition.dimensions).toEqual([{ name: 'grand', of: { op: 'field', kind: 'text', path: ['parent', 'parent', 'name'] } }]);
});
