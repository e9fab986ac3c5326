import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
import { z } from 'zod';
import wikipedia from '../../pipeline.ts';
import { ROUTES, TAGS } from '../../shared/api/routes.ts';
import { count, definePipeline, event, metric, type Pipeline } from '../../shared/pipeline.ts';
import { httpContract } from '../support/http-contract.ts';
import orders from '../support/orders.ts';

interface Media {
  readonly schema: object;
  readonly example?: unknown;
}
interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly security?: readonly { readonly token: readonly string[] }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Readonly<Record<string, Media>> }>>;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: object; readonly example?: unknown }[];
}
const contentOf = (operation: unknown): Readonly<Record<string, Media>> => (operation as Operation).requestBody?.content ?? {};
const operations = (pipeline: Pipeline) =>
  Object.entries(httpContract(pipeline).document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation: operation as unknown as Operation })),
  );

describe.each(Object.entries({ wikipedia, orders }))('%s', (_, pipeline) => {
  /** The document names each type and metric; the route has a parameter there. */
  const generic = (path: string) =>
    path
      .replace(/^\/events\/[^/]+\/\{id\}$/, '/events/{type}/{id+}')
      .replace(/^\/events\/[^/]+$/, '/events/{type}')
      .replace(/^\/metrics\/[^/]+/, '/metrics/{name}')
      .replace(/^\/entities\/[^/]+\/\{key\}$/, '/entities/{name}/{key+}')
      .replace(/^\/entities\/[^/]+$/, '/entities/{name}');

  test('given the routes, then the document holds each of them, with its scope, and no other', () => {
    const documented = operations(pipeline).map(
      ({ method, path, operation }) => `${method} ${generic(path)} ${operation.security?.[0]?.token[0] ?? 'anybody'}`,
    );
    expect([...new Set(documented)].sort()).toEqual(ROUTES.map(({ key, scope }) => `${key} ${scope ?? 'anybody'}`).sort());
  });

  test('given a pipeline, then every event type and every metric has a path of its own', () => {
    const paths = operations(pipeline).map(({ path }) => path);
    for (const type of Object.keys(pipeline.events)) expect(paths).toContain(`/events/${type}`);
    for (const name of Object.keys(pipeline.metrics)) expect(paths).toContain(`/metrics/${name}`);
  });

  test('given any operation, then it has an id of its own, which generators can use as a name, a tag that is listed, and a summary', () => {
    const all = operations(pipeline).map(({ operation }) => operation);
    expect(new Set(all.map(({ operationId }) => operationId)).size).toBe(all.length);
    for (const { operationId, tags, summary } of all) {
      expect(operationId).toMatch(/^[a-z][A-Za-z0-9_]*$/);
      expect(Object.keys(TAGS)).toEqual(expect.arrayContaining([...tags]));
      expect([tags.length, summary.length > 5]).toEqual([1, true]);
    }
  });

  test('given any example in it, then its schema takes it, and each JSON body and answer has one', () => {
    const { validate } = httpContract(pipeline);
    const example = (place: string, { schema, example }: { schema: object; example?: unknown }) =>
      example === undefined ? [] : [[place, example, validate(schema, example)]];
    for (const { method, path, operation } of operations(pipeline)) {
      const bodies = [operation.requestBody?.content ?? {}, ...Object.values(operation.responses).map(({ content = {} }) => content)];
      const medias = bodies.flatMap((content) => Object.entries(content));
      for (const [type, media] of medias)
        if (type === 'application/json') expect([method, path, type, media.example]).toEqual([method, path, type, expect.anything()]);
      const all = [
        ...medias.flatMap(([type, media]) => example(type, media)),
        ...(operation.parameters ?? []).flatMap((parameter) => example(parameter.name, parameter)),
      ];
      expect([method, path, all.filter(([, , errors]) => (errors as string[]).length > 0)]).toEqual([method, path, []]);
    }
  });

  test('given an event’s example, then ingest takes it', () => {
    const { document } = httpContract(pipeline);
    for (const [type, { schema }] of Object.entries(pipeline.events)) {
      const { example } = contentOf(document.paths[`/events/${type}`]?.post)['application/json'] as Media;
      expect(schema.safeParse(example).success).toBe(true);
    }
  });

  test('given any call, then the document says what it answers, failures among it', () => {
    for (const { method, path, operation } of operations(pipeline)) {
      const statuses = Object.keys(operation.responses);
      expect([method, path, statuses.some((status) => status.startsWith('2')), statuses.includes('500')]).toEqual([method, path, true, true]);
      expect([path, statuses.includes('401'), statuses.includes('403')]).toEqual([path, operation.security !== undefined, operation.security !== undefined]);
      for (const { description } of Object.values(operation.responses)) expect(description.length).toBeGreaterThan(5);
      for (const [name] of path.matchAll(/\{\w+\}/g))
        expect(operation.parameters).toContainEqual(expect.objectContaining({ name: name.slice(1, -1), in: 'path', required: true }));
    }
  });

  test('given every reference and schema in it, then each can be followed and compiled', () => {
    const { document } = httpContract(pipeline);
    const text = JSON.stringify(document);
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) expect(Object.keys(document.components.schemas)).toContain(name);
    const ajv = new Ajv({ strict: true, allowUnionTypes: true, validateFormats: false, keywords: ['components'] });
    ajv.addSchema({ $id: 'api', components: document.components });
    for (const name of Object.keys(document.components.schemas)) expect(() => ajv.compile({ $ref: `api#/components/schemas/${name}` })).not.toThrow();
  });
});

test('given the schema of an event in the document, then it takes what ingest takes, and refuses what it refuses', () => {
  const { document, validate } = httpContract(orders);
  const schemaOf = contentOf(document.paths['/events/order']?.post)['application/json']?.schema ?? {};
  const order = {
    placedAt: '2026-11-21T10:00:00Z',
    orderId: 'o1',
    status: 'paid',
    price: 19.99,
    items: 1,
    weight: null,
    customer: { id: 'c', email: 'a@example.org' },
  };
  const { schema } = orders.events.order as (typeof orders.events)[string];
  const changes: readonly object[] = [
    {},
    { price: 19.999 },
    { price: '1' },
    { items: 0 },
    { items: 1.5 },
    { status: 'gone' },
    { weight: 1.25 },
    { weight: undefined },
    { coupon: null },
    { customer: {} },
    { later: 1 },
  ];
  const verdicts = changes.map((change) => {
    const event = JSON.parse(JSON.stringify({ ...order, ...change }));
    return [JSON.stringify(change), validate(schemaOf, event).length === 0, validate(schemaOf, [event, order]).length === 0];
  });
  expect(verdicts).toEqual(
    changes.map((change) => {
      const isTaken = schema.safeParse({ ...order, ...change }).success;
      return [JSON.stringify(change), isTaken, isTaken];
    }),
  );
});

test('given an answer that the document does not say, then the check of every test in test/functions sees it', () => {
  const { violations } = httpContract(wikipedia);
  const json = (status: number, body: unknown) => ({ status, contentType: 'application/json', body });
  const accepted = { accepted: 1, rejected: 0, errors: [] };
  expect(violations('POST', '/events/edit', json(202, accepted))).toEqual([]);
  expect(violations('POST', '/events/edit', json(202, { ...accepted, accepted: '1' }))).toEqual(['/accepted must be integer']);
  expect(violations('POST', '/events/edit', json(200, accepted))).toEqual([expect.stringContaining('got 200')]);
  expect(violations('POST', '/events/edit', { ...json(400, {}), contentType: 'application/problem+json' })).toHaveLength(4);
  expect(violations('POST', '/events/edit', json(400, {}))).toEqual([expect.stringContaining('got application/json')]);
  expect(violations('GET', '/generations/x', json(200, {}))).toEqual([expect.stringContaining('to be documented')]);
  expect(violations('GET', '/generations/x', json(404, {}))).toEqual([]);
});

test('given a metric, then its rows have its own columns, each of its kind, and no other', () => {
  const { violations } = httpContract(wikipedia);
  const answer = (row: object) => ({
    ...{ metric: 'edits', definition: '0123456789ab', from: '2026-11-21T10:00:00.000Z', to: '2026-11-21T11:00:00.000Z', every: 'all' },
    rows: [{ window: '2026-11-21T10:00:00.000Z', ...row }],
    provenance: { generation: null, horizon: null, speedThrough: null, windows: { batch: 0, speed: 1 } },
    estimates: {},
  });
  const of = (row: object, path = '/metrics/edits') => violations('GET', path, { status: 200, contentType: 'application/json', body: answer(row) });
  const whole = { channel: '#en', robot: null, edits: 3, added: -1, editors: 2, size: { p50: 1, p90: null, p99: 2.5 }, pages: [{ value: 'A', count: 3 }] };
  expect([of({}), of(whole)]).toEqual([[], []]);
  expect(of({ edits: '3' })).toEqual(['/rows/0/edits must be integer,null']);
  expect(of({ robot: 'no' })).toContain('/rows/0/robot must be boolean');
  expect(of({ pages: [{ value: 1, count: 1 }] })).toEqual(['/rows/0/pages/0/value must be string']);
  expect(of({ size: { p50: 1 } })).toHaveLength(2);
  expect(of({ orders: 1 })).toEqual(['/rows/0 must NOT have additional properties']);
  // An old definition had other columns, which nobody knows here.
  expect(of({ orders: 1 }, '/metrics/edits?definition=0123456789ab&every=all')).toEqual([]);
});

test('given events of a schema that refers to itself, or whose names differ in what an id has not, then the document holds', () => {
  const tree = z.object({
    at: z.iso.datetime(),
    get children() {
      return z.array(tree).optional();
    },
  });
  const [a, b] = [event(tree, { time: 'at' }), event(z.object({ at: z.iso.datetime() }), { time: 'at' })];
  const pipeline = definePipeline({
    events: { 'a.b': a, 'a-b': b },
    metrics: { nodes: metric(a, { measures: { nodes: count() } }), others: metric(b, { measures: { n: count() } }) },
  });
  const { document, violations, validate } = httpContract(pipeline);
  expect(operations(pipeline).map(({ operation }) => operation.operationId)).toEqual(expect.arrayContaining(['postEvents_a_b', 'postEvents_a_b_2']));
  expect(violations('POST', '/events/a.b', { status: 202, contentType: 'application/json', body: { accepted: 1, rejected: 0, errors: [] } })).toEqual([]);
  const { schema, example } = contentOf(document.paths['/events/a.b']?.post)['application/json'] as Media;
  expect(example).toEqual({ at: '2026-11-21T10:00:00.000Z' });
  expect(validate(schema, { ...(example as object), children: [example] })).toEqual([]);
  expect(validate(schema, { ...(example as object), children: [{ at: 1 }] }).length).toBeGreaterThan(0);
});
