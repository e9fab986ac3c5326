import { readFileSync } from 'node:fs';
import { parseConfig } from '../../agent/config.ts';
import { FORMAT_NAMES } from '../../agent/formats/format.ts';

// docs/feeds.md: its configurations are accepted, and its tables complete.

const text = readFileSync('docs/feeds.md', 'utf8');
const configs = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => json);
/** The names in the first column of a table. */
const firstColumn = (heading: string): string[] => {
  const [, table = ''] = new RegExp(`\\| ${heading}[^\\n]*\\n\\| ---[^\\n]*\\n((?:\\|[^\\n]*\\n)*)`).exec(text) ?? [];
  return [...table.matchAll(/^\| ([^|]*) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
};

test('there are configurations, and each is one', () => {
  expect(configs).toHaveLength(2);
  for (const config of configs) expect(parseConfig(config).sources.length).toBeGreaterThan(0);
});

test('every format is listed', () => {
  expect(firstColumn('`--format`').sort()).toEqual(FORMAT_NAMES.filter((name) => name !== 'wikimedia').sort());
});

test('every kind of source and sink is listed', () => {
  const kindsOf = (part: 'sources' | 'sink'): string[] => {
    const source = { kind: 'none' };
    const given = { folder: 'd', sources: [{ kind: 'stdin', type: 't' }], sink: { kind: 'file', path: 'p' }, [part]: part === 'sink' ? source : [source] };
    try {
      parseConfig(JSON.stringify(given));
      return [];
    } catch (error) {
      return [...(error as Error).message.matchAll(/'([a-z]+)'/g)].map(([, name = '']) => name);
    }
  };
  expect(kindsOf('sources').sort()).toEqual(firstColumn('source \\| settings').sort());
  expect(kindsOf('sink').sort()).toEqual(firstColumn('sink \\| settings').sort());
});
