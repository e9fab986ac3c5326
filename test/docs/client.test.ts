import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import pipeline from '../../pipeline.ts';
import { system } from '../support/system.ts';

// The examples of docs/client.md, as one file: they compile, and do what the text says.

const NOW = '2026-11-21T10:00:30.000Z';
const blocks = [...readFileSync('docs/client.md', 'utf8').matchAll(/```ts\n([^`]+)```/g)].map(([, block]) => block ?? '');
/** Beside pipeline.ts, as a user's file would be: inside the repository, so that 'twinstream' resolves. */
const folder = mkdtempSync(join(import.meta.dirname, '.client-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('given the examples of docs/client.md, then they compile', () => {
  writeFileSync(join(folder, 'pipeline.ts'), "export { default } from '../../../pipeline.ts';\n");
  writeFileSync(join(folder, 'example.ts'), `${blocks.join('\n')}export { estimates, provenance };\n`);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../../tsconfig.json', include: ['example.ts'], exclude: [] }));
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  expect(stdout).toBe('');
});

test('given the examples, when they run, then what they print is true', async () => {
  const world = await system({ pipeline, shards: 1, startMs: Date.parse(NOW) });
  const printed: unknown[][] = [];
  const { log } = console;
  console.log = (...values) => void printed.push(values);
  try {
    const edit = { channel: '#de.wikipedia', namespace: 'Main', page: 'A', user: 'u', added: 7, deleted: 0, delta: 7 };
    const flags = { isAnonymous: false, isMinor: false, isNew: false, isRobot: false, isUnpatrolled: false };
    await world.post('/events/edit', JSON.stringify({ time: '2015-09-12T07:00:00Z', ...edit, ...flags }), {});
    await world.drain();
    const source = blocks.join('\n').replace('http://127.0.0.1:8080', world.url).replace('new Date()', `new Date('${NOW}')`);
    const { outputFiles } = await build({
      stdin: { contents: source, loader: 'ts', resolveDir: folder },
      bundle: true,
      format: 'esm',
      conditions: ['twinstream-source'],
      write: false,
    });
    const file = join(folder, 'example.mjs');
    writeFileSync(file, outputFiles[0]?.text ?? '');
    await import(pathToFileURL(file).href);
    expect(printed).toEqual([
      ['2015-09-12T06:00:00.000Z', '#de.wikipedia', 1, 7],
      [1, '#de.wikipedia'],
      [1],
      [422, expect.arrayContaining([{ path: 'time', message: expect.stringContaining('Expected a time') }])],
    ]);
    await world.drain();
    const { body } = await world.get('/metrics/edits?from=2026-11-21&to=2026-11-22&measures=edits,added', {});
    expect(body.rows).toEqual([{ window: '2026-11-21T00:00:00.000Z', edits: 1, added: 36 }]);
  } finally {
    console.log = log;
    await world.close();
  }
});
