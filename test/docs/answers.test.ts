import { readFileSync } from 'node:fs';
import type { Pipeline } from '../../shared/pipeline.ts';
import { system } from '../support/system.ts';
import { describeExamples } from './examples-of.ts';
import { pipelineIn } from './pipeline-in.ts';

// The examples of docs/answers.md: each question gets the answer that the text says, from both layers.

const text = readFileSync('docs/answers.md', 'utf8');
const PARAMETERS = [
  ...['from', 'to', 'every', 'by', 'measures', 'order', 'limit', 'offset', 'tz', 'week', 'fill', 'top', 'other', 'totals', 'compare', 'over', 'parts'],
  ...['numbers', 'format', 'definition'],
];

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await pipelineIn(text);
});

test('there is an example of each parameter', async () => {
  for (const name of PARAMETERS) expect([name, text.match(new RegExp(`^## .*\\b${name}\\b`, 'm')) === null]).toEqual([name, false]);
  const world = await system({ pipeline, shards: 1, startMs: 0 });
  const refused = await world.get('/metrics/visits?nothing=1', {});
  await world.close();
  const known = /parameters (.*?), filter\[/.exec(refused.body.detail)?.[1]?.split(', ');
  expect([...(known ?? [])].sort()).toEqual([...PARAMETERS].sort());
});

describeExamples('docs/answers.md', 'visit');
