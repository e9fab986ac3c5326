import { readFileSync } from 'node:fs';
import type { Pipeline } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';
import { pipelineIn } from './pipeline-in.ts';

// The examples of docs/answers.md: each question gets the answer that the text says, from both layers.

const text = readFileSync('docs/answers.md', 'utf8');
const [, events = ''] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
const EXAMPLE = /```http\nGET (\S+)\n```\n\n`([^`\n]+)`/g;
const examples = [...text.matchAll(EXAMPLE)].map(([, path = '', said = '']) => ({ path, said }));
const PARAMETERS = [
  ...['from', 'to', 'every', 'by', 'measures', 'order', 'limit', 'offset', 'tz', 'week', 'fill', 'top', 'other', 'totals', 'compare', 'over', 'parts'],
  ...['numbers', 'format', 'definition'],
];

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await pipelineIn(text);
});

test('there is an example of each parameter', async () => {
  expect([...text.matchAll(/```http/g)]).toHaveLength(examples.length);
  for (const name of PARAMETERS) expect([name, text.match(new RegExp(`^## .*\\b${name}\\b`, 'm')) === null]).toEqual([name, false]);
  const world = await system({ pipeline, shards: 1, startMs: 0 });
  const refused = await world.get('/metrics/visits?nothing=1', {});
  await world.close();
  const known = /parameters (.*?), filter\[/.exec(refused.body.detail)?.[1]?.split(', ');
  expect([...(known ?? [])].sort()).toEqual([...PARAMETERS].sort());
});

describe.each(['speed', 'batch'])('answers from %s', (side) => {
  let world: System;
  beforeAll(async () => {
    world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:00.000Z') - (side === 'batch' ? 60_000 : 0) });
    expect((await world.post('/events/visit', events, { 'content-type': 'application/json' })).body.accepted).toBe(4);
    await world.drain();
    if (side === 'batch') await world.publish();
  });
  afterAll(() => world.close());

  test.each(examples)('GET $path', async ({ path, said }) => {
    const reply = await world.get(path, {});
    if (/^\d+$/.test(said)) expect(reply.status).toBe(Number(said));
    else if (said.startsWith('[')) expect([reply.status, reply.body.rows]).toEqual([200, JSON.parse(said)]);
    else expect([reply.status, reply.text]).toEqual([200, JSON.parse(said)]);
  });
});
