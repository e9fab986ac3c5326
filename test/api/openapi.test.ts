import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
import orders from '../../examples/orders.ts';
import wikipedia from '../../pipeline.ts';
import { ROUTES } from '../../shared/api/routes.ts';
import type { Pipeline } from '../../shared/pipeline.ts';
import { httpContract } from '../support/http-contract.ts';

interface Operation {
  readonly summary: string;
  readonly security?: readonly { readonly token: readonly string[] }[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}
const operations = (pipeline: Pipeline) =>
  Object.entries(httpContract(pipeline).document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation: operation as unknown as Operation })),
  );

describe.each(Object.entries({ wikipedia, orders }))('%s', (_, pipeline) => {
  /** The document names each type and metric; the route has a parameter there. */
  const generic = (path: string) =>
    path
      .replace(/^\/events\/.+/, '/events/{type}')
      .replace(/^\/metrics\/.+/, '/metrics/{name}')
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
    const ajv = new Ajv({ strict: true, allowUnionTypes: true, validateFormats: false });
    for (const schema of Object.values(document.components.schemas)) expect(() => ajv.compile(schema)).not.toThrow();
  });
});

test('given the schema of an event in the document, then it takes what ingest takes, and refuses what it refuses', () => {
  const { document } = httpContract(orders);
  const posts = document.paths as unknown as Record<string, { post: { requestBody: { content: Record<string, { schema: object }> } } }>;
  const validate = new Ajv({ strict: false, validateFormats: false, multipleOfPrecision: 9 }).compile(
    posts['/events/order']?.post.requestBody.content['application/json']?.schema ?? {},
  );
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
    return [JSON.stringify(change), validate(event), validate([event, order])];
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
