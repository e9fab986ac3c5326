import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Host, startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { recompute, sampleEdits, settle } from '../support/sample.ts';
import { cached } from './servers/cache.ts';
import { installPython, pythonOf } from './servers/python.ts';
import { run } from './servers/run.ts';

// docs/notebook.ipynb, run by nbclient as Jupyter would, on a host with the sample: what it shows is what somebody gets.
// NOTEBOOK=docs/notebook.ipynb writes what was run back to the file.

const PACKAGES = ['nbclient==0.11.0', 'ipykernel==7.3.0', 'duckdb==1.5.6', 'matplotlib==3.10.9'];
const RUN = `
import sys
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
nbformat.validate(notebook)
NotebookClient(notebook, timeout=120, kernel_name='python3').execute(cwd=sys.argv[3])
for cell in notebook.cells:
    cell.metadata.pop('execution', None)
nbformat.write(notebook, sys.argv[2])
`;

interface Output {
  readonly output_type: string;
  readonly name?: string;
  readonly text?: unknown;
  readonly data?: Readonly<Record<string, unknown>>;
}
interface Notebook {
  readonly cells: readonly { readonly id: string; readonly cell_type: string; readonly outputs?: readonly Output[] }[];
}
const NOTEBOOK = 'docs/notebook.ipynb';
/** Texts as they are; of pictures, that they are there: a version of a font would change them. */
const shownBy = (path: string) =>
  (JSON.parse(readFileSync(path, 'utf8')) as Notebook).cells
    .filter(({ cell_type }) => cell_type === 'code')
    .map(({ id, outputs = [] }) => ({
      id,
      shown: outputs
        .filter(({ name }) => name !== 'stderr')
        .map(({ output_type, text, data = {} }) => [output_type, text, ...Object.entries(data).map(([kind, value]) => (kind === 'image/png' ? kind : value))]),
    }));

const folder = temporaryFolder();
const scratch = temporaryFolder();
let host: Host;
let venv: string;
beforeAll(async () => {
  venv = await cached({
    name: `notebook-${PACKAGES.join('-').replaceAll('==', '-')}`,
    what: `${PACKAGES.join(', ')} (PyPI)`,
    fetch: (into) => installPython(into, PACKAGES),
  });
  host = await startHost({ DATA_DIR: folder.path, EPOCH: '1s', RECOMPUTE_EVERY: '1h', LOG_LEVEL: 'warn', SHARDS: '1' });
  const lines = sampleEdits().map((edit) => JSON.stringify(edit));
  for (let i = 0; i < lines.length; i += 10_000)
    expect((await host.post('/events/edit', lines.slice(i, i + 10_000).join('\n'), { 'content-type': 'application/x-ndjson' })).status).toBe(202);
  await settle(host, 'notebook');
  await recompute(host);
});
afterAll(async () => {
  await host?.kill();
  folder.remove();
  scratch.remove();
});

test('runs on a host with the sample, and shows what it shows in the file', async () => {
  const ran = join(scratch.path, 'ran.ipynb');
  const script = join(scratch.path, 'run.py');
  writeFileSync(script, RUN);
  const env = { ...process.env, TWINSTREAM_URL: host.url, DATA_DIR: folder.path, HOME: scratch.path, MPLCONFIGDIR: scratch.path };
  await run(pythonOf(venv), [script, NOTEBOOK, ran, scratch.path], { env, missing: '' });
  if (process.env.NOTEBOOK !== undefined) writeFileSync(process.env.NOTEBOOK, readFileSync(ran));
  expect(shownBy(ran)).toEqual(shownBy(NOTEBOOK));
  expect(shownBy(ran).every(({ shown }) => shown.length > 0)).toBe(true);
});
