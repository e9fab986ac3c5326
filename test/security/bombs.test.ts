import { gzipSync } from 'node:zlib';
import { type System, system } from '../support/system.ts';
import { JSON_TYPE, NOW, pipeline } from './hits.ts';

describe('given a small body that inflates to millions of values', () => {
  let world: System;
  beforeAll(async () => {
    world = await system({ pipeline, shards: 1, startMs: NOW });
  });
  afterAll(() => world.close());
  const MB = 1024 * 1024;

  test.each([
    ['objects', () => `[${'{},'.repeat(10 * MB)}{}]`, 413],
    ['numbers', () => `[${'1,'.repeat(15 * MB)}1]`, 413],
    ['lines', () => '1\n'.repeat(15 * MB), 413],
    ['blank lines', () => '\n'.repeat(31 * MB), 400],
    ['nested arrays', () => '['.repeat(31 * MB), 413],
    ['names', () => `{${Array.from({ length: 400_000 }, (_, i) => `"${i}":0`).join(',')}}`, 422],
  ])('%s: a clear answer, before they are made', async (_, textOf, status) => {
    const body = gzipSync(textOf(), { level: 1 });
    expect(body.length).toBeLessThan(4 * MB); // it is looked at
    const response = await fetch(`${world.url}/events/hit`, { method: 'POST', headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body });
    expect(response.status).toBe(status);
  });
});
