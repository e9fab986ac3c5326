import { readFileSync } from 'node:fs';
import { type System, system } from '../support/system.ts';
import { pipelineIn } from './pipeline-in.ts';

// The examples of docs/events.md: each request gets the answer that the text says.

const text = readFileSync('docs/events.md', 'utf8');
const EXAMPLE = /```http\n([\s\S]*?)```\n\n`(\d+)(?: ([^`]+))?`/g;
const examples = [...text.matchAll(EXAMPLE)].map(([, request = '', status = '', body]) => {
  const [head = '', ...rest] = request.split('\n\n');
  const [line = '', ...headers] = head.split('\n');
  return {
    path: line.split(' ')[1] ?? '',
    headers: Object.fromEntries(headers.map((header) => [header.slice(0, header.indexOf(':')).toLowerCase(), header.slice(header.indexOf(':') + 2)])),
    sent: rest.join('\n\n').trimEnd(),
    status: Number(status),
    body: body === undefined ? null : JSON.parse(body),
  };
});

let world: System;
beforeAll(async () => {
  world = await system({ pipeline: await pipelineIn(text), shards: 1, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
});
afterAll(() => world.close());

test('there are examples', () => {
  expect(examples.length).toBeGreaterThan(7);
  expect([...text.matchAll(/```http/g)]).toHaveLength(examples.length);
});

test.each(examples)('POST $path answers $status: $sent', async ({ path, headers, sent, status, body }) => {
  const reply = await world.post(path, sent, headers);
  expect(reply.status).toBe(status);
  if (body !== null) expect(reply.body).toEqual(body);
});
