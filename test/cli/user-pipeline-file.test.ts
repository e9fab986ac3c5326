import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { script } from '../support/script.ts';

const folder = temporaryFolder();
afterAll(folder.remove);
const file = (name: string, text: string): string => {
  const path = join(folder.path, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
};
const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  script('scripts/twinstream.mjs', args, { DATA_DIR: join(folder.path, 'data'), ...env }).ended;

const PIPELINE = `import { count, definePipeline, event, metric } from 'twinstream';
import { z } from 'zod';
import { NAME } from './name.ts';
const order = event(z.object({ at: z.iso.datetime() }), { time: 'at' });
export default definePipeline({ events: { [NAME]: order }, metrics: { all: metric(order, { measures: { n: count() } }) } });
`;

describe('the pipeline of a command', () => {
  test('given --pipeline and PIPELINE, then --pipeline is used, with the files and the packages beside it', async () => {
    file('own/name.ts', "export { NAME } from 'naming';\n");
    file('own/node_modules/naming/package.json', '{ "name": "naming", "main": "index.js" }');
    file('own/node_modules/naming/index.js', "exports.NAME = 'sale';\n");
    file('own/node_modules/zod/index.js', `module.exports = require(${JSON.stringify(join(process.cwd(), 'node_modules/zod'))});\n`);
    const { printed, code } = await run(['feed', '--pipeline', file('own/pipeline.ts', PIPELINE), '--help'], { PIPELINE: 'test/support/orders.ts' });
    expect(printed).toContain("by default the pipeline's first (sale)");
    expect(code).toBe(0);
  });

  test('given a file that is not there, then the option that names it is named', async () => {
    expect(await run(['feed', '--pipeline', 'gone.ts', '-'])).toMatchObject({
      code: 1,
      printed: expect.stringMatching(/^RangeError: --pipeline: Expected a file, found nothing at .*gone\.ts\n$/),
    });
    expect(await run(['start'], { PIPELINE: 'gone.ts' })).toMatchObject({ code: 1, printed: expect.stringContaining('PIPELINE: Expected a file') });
  });

  test('given a mistake in it, then the message alone is printed', async () => {
    const path = file('wrong/pipeline.ts', PIPELINE.replace('count()', 'count').replace("import { NAME } from './name.ts';", "const NAME = 'a';"));
    const { code, printed } = await run(['feed', '--pipeline', path, '-']);
    expect([code, printed]).toEqual([1, expect.stringMatching(/^DefinitionError: .*\n$/)]);
  });
});

test('given a command or an option that is unknown, then the usage is printed', async () => {
  expect(await run(['strat'])).toMatchObject({ code: 1, printed: expect.stringMatching(/^Expected a command, got 'strat'[\s\S]*start[\s\S]*feed/) });
  expect(await run(['token', 'list', '--stages'])).toMatchObject({ code: 1, printed: expect.stringMatching(/--stages[\s\S]*Usage: npm run token --/) });
});
