import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Pipeline } from '../../shared/pipeline.ts';
import { type System, system } from '../support/system.ts';

// The examples of docs/events.md: each request gets the answer that the text says.

const text = readFileSync('docs/events.md', 'utf8');
const [, code = ''] = /```ts\n([\s\S]*?)```/.exec(text) ?? [];
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

const folder = mkdtempSync(join(import.meta.dirname, '.events-'));
let world: System;
beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: code, loader: 'ts', resolveDir: folder },
    bundle: true,
    platform: 'node',
    external: ['zod'],
    format: 'esm',
    write: false,
    conditions: ['twinstream-source'],
  });
  const file = join(folder, 'pipeline.mjs');
  writeFileSync(file, outputFiles[0]?.text ?? '');
  const { default: pipeline } = (await import(pathToFileURL(file).href)) as { default: Pipeline };
  world = await system({ pipeline, shards: 1, startMs: Date.parse('2026-11-21T10:00:30.000Z') });
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

test('there are examples', () => {
  expect(examples.length).toBeGreaterThan(7);
  expect([...text.matchAll(/```http/g)]).toHaveLength(examples.length);
});

test.each(examples)('POST $path answers $status: $sent', async ({ path, headers, sent, status, body }) => {
  const reply = await world.post(path, sent, headers);
  expect(reply.status).toBe(status);
  if (body !== null) expect(reply.body).toEqual(body);
});
