import { readFileSync } from 'node:fs';
import { registry } from '../../shared/measures/registry.ts';
import { describeExamples } from './examples-of.ts';

const KINDS = ['text', 'integer', 'decimal', 'float', 'boolean'];

/** What each measure takes, by the first table of docs/measures.md. */
const documented = new Map<string, readonly string[]>();
for (const line of readFileSync('docs/measures.md', 'utf8').split('\n')) {
  const [, names = '', takes = ''] = /^\| (`\w+\(.*?\)`(?:, `\w+\(.*?\)`)*) \| ([^|]+) \|/.exec(line) ?? [];
  for (const [, name = ''] of names.matchAll(/`(\w+)\(/g))
    documented.set(
      name,
      [...takes.matchAll(/\w+/g)]
        .map(([word]) => word)
        .filter((word) => KINDS.includes(word))
        .sort(),
    );
}

test('given docs/measures.md, then it names every measure, and says which kinds of values it takes', () => {
  const measures = registry.map(({ name, takes }) => [name, [...(takes?.kinds ?? [])].sort()]);
  expect(measures.map(([name]) => [name, documented.get(String(name))])).toEqual(measures);
});

// Both layers give the answers that the page says.
describeExamples('docs/measures.md', 'order');
