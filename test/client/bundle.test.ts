import { createContext, runInContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { EVENTS, NOW, pipeline } from '../support/edits.ts';
import { system } from '../support/system.ts';

const MAX_BYTES = 4_096;

const bundle = async () => {
  const { outputFiles, metafile } = await build({
    entryPoints: ['client/client.ts'],
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'twinstream',
    write: false,
    metafile: true,
  });
  return { text: outputFiles[0]?.text ?? '', inputs: Object.keys(metafile.inputs) };
};

test('given the client in a bundle for browsers, then it is under 4 kB in gzip, and holds nothing but the client', async () => {
  const { text, inputs } = await bundle();
  expect(gzipSync(text).length).toBeLessThan(MAX_BYTES);
  expect(text.length).toBeGreaterThan(1_000);
  expect(inputs.filter((path) => !path.startsWith('client/'))).toEqual([]);
});

test('given only what browsers have, when the bundle sends and asks, then it works', async () => {
  const world = await system({ pipeline, shards: 1, startMs: Date.parse(NOW) });
  try {
    const { text } = await bundle();
    const globals = { fetch, setTimeout, clearTimeout, crypto, AbortController, url: world.url, events: JSON.stringify(EVENTS) };
    const context = createContext(globals);
    await runInContext(`${text}; twinstream.createClient(url).send('edit', JSON.parse(events))`, context);
    await world.drain();
    const { rows } = await runInContext("twinstream.createClient(url).ask('slow', { from: '2015-09-01', to: '2015-11-01' })", context);
    expect(rows).toEqual([{ window: '2015-09-01T00:00:00.000Z', edits: 6 }]);
  } finally {
    await world.close();
  }
});
