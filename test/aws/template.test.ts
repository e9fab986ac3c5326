import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { EVERYTHING, type Packaged, templateOf } from '../support/sls.ts';
import { cached } from './servers/cache.ts';
import { installPython } from './servers/python.ts';

// The compiled template of prod, before two linters that others wrote. What is waived, and why, stands in their files.

const CFN_LINT = '1.58.0';
const CHECKOV = '3.3.30';

/** A stage for each kind of search: its compiled template differs. */
const SEARCHES = ['none', 'domain', 'serverless'] as const;
const packaged = new Map<string, Packaged>();
let venv: string;
beforeAll(async () => {
  for (const search of SEARCHES) packaged.set(search, await templateOf('prod', { search }));
  venv = await cached({
    name: `template-linters-${CFN_LINT}-${CHECKOV}`,
    what: `cfn-lint ${CFN_LINT} and checkov ${CHECKOV} (PyPI)`,
    fetch: (folder) => installPython(folder, [`cfn-lint==${CFN_LINT}`, `checkov==${CHECKOV}`]),
  });
});

const template = (search: string) => join(packaged.get(search)?.folder ?? '', 'cloudformation-template-update-stack.json');
const lint = (tool: string, args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(join(venv, 'bin', tool), args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  return { status, printed: `${stdout}${stderr}`.trim() };
};

test.each(SEARCHES)('cfn-lint finds nothing in prod with search: %s', (search) => {
  expect(lint('cfn-lint', ['--config-file', 'resources/.cfnlintrc.yaml', '--template', template(search)])).toEqual({ status: 0, printed: '' });
});

test('cfn-lint finds nothing in a stage with every setting', async () => {
  const { folder } = await templateOf('prod', EVERYTHING);
  const path = join(folder, 'cloudformation-template-update-stack.json');
  expect(lint('cfn-lint', ['--config-file', 'resources/.cfnlintrc.yaml', '--template', path])).toEqual({ status: 0, printed: '' });
});

test.each(SEARCHES)('checkov finds nothing that is not waived by name in prod with search: %s', (search) => {
  const { status, printed } = lint('checkov', ['--config-file', 'resources/.checkov.yaml', '--file', template(search)]);
  expect({ status, failed: [...printed.matchAll(/^Check: .*/gm)].map(([line]) => line) }).toEqual({ status: 0, failed: [] });
});
