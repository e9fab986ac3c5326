import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';

/** The refused files, compiled as a user's editor would: each error must be the one that the comment above its line expects. */
const here = import.meta.dirname;
const root = resolve(here, '../..');
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');

const compile = (project: string): readonly string[] => {
  const { stdout, stderr, error } = spawnSync(process.execPath, [tsc, '-p', project], { cwd: root, encoding: 'utf8' });
  if (error !== undefined) throw error;
  expect(stderr).toBe('');
  // A line that is indented goes on with the error before.
  return stdout.split(/\n(?! )/).filter((text) => text !== '');
};

interface Place {
  readonly place: string;
  readonly texts: string[];
}
const files = readdirSync(join(here, 'refused'));

/** What the comments above each line expect of it. */
const expectedOf = (file: string): Place[] => {
  const places: Place[] = [];
  let texts: string[] = [];
  for (const [i, line] of readFileSync(join(here, 'refused', file), 'utf8')
    .split('\n')
    .entries()) {
    const text = /^\s*\/\/ expect: (.*)$/.exec(line)?.[1];
    if (text !== undefined) texts.push(text);
    else if (texts.length > 0) {
      places.push({ place: `${file}:${i + 1}`, texts });
      texts = [];
    }
  }
  return places;
};

const errors = new Map<string, string[]>();
beforeAll(() => {
  for (const error of compile('test/types')) {
    const [, file, line] = /^test\/types\/refused\/([^(]+)\((\d+),\d+\): error TS\d+: /.exec(error) ?? [];
    const place = file === undefined ? error : `${file}:${line}`;
    errors.set(place, [...(errors.get(place) ?? []), error]);
  }
});

describe.each(files)('%s', (file) => {
  const expected = expectedOf(file);
  test('given the file, then it expects something', () => expect(expected.length).toBeGreaterThan(10));

  test.each(expected.map(({ place, texts }) => [place, texts] as const))('%s is refused, and the text says why', (place, texts) => {
    const found = [...(errors.get(place) ?? [])];
    for (const text of texts) {
      const at = found.findIndex((error) => error.includes(text));
      expect({ text, found: at === -1 ? found : text }).toEqual({ text, found: text });
      found.splice(at, 1);
    }
    expect(found).toEqual([]);
  });
});

test('given all the refused files, then nothing else in them is refused', () => {
  const places = new Set(files.flatMap((file) => expectedOf(file).map(({ place }) => place)));
  expect([...errors].filter(([place]) => !places.has(place))).toEqual([]);
});
