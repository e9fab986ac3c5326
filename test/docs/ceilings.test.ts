import { readFileSync } from 'node:fs';

// The table of ceilings in docs/deploy.md: what a shard takes, times the shards.

const SHARDS = [16, 64, 256];
const number = (text: string): number => Number(text.replaceAll(',', '').trim());
const [, table = ''] = /## The next ceilings\n[\s\S]*?\n\| --- .*\n((?:\|.*\n)+)/.exec(readFileSync('docs/deploy.md', 'utf8')) ?? [];
const rows = table
  .trim()
  .split('\n')
  .map((line) => line.split('|').slice(1, -1))
  .map(([part = '', , shard = '', ...counts]) => ({ part: part.trim(), shard: shard.trim(), counts: counts.slice(0, SHARDS.length).map(number) }));

test('each row is what a shard takes, times the shards; one that does not grow with them is the same for all', () => {
  expect(rows.length).toBeGreaterThan(7);
  for (const { part, shard, counts } of rows)
    for (const [i, count] of counts.entries()) {
      const expected = shard === '' ? (counts[0] ?? 0) : number(shard.replace(/, [a-z].*/, '')) * (SHARDS[i] ?? 0);
      expect([part, SHARDS[i], Math.abs(count / expected - 1) < 0.05]).toEqual([part, SHARDS[i], true]);
    }
});
