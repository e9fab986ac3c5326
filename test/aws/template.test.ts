import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type Packaged, packageStage } from '../support/sls.ts';
import { cached } from './servers/cache.ts';
import { installPython } from './servers/python.ts';

// The compiled template of prod, before two linters that others wrote. What is waived, and why, stands in their files.

const CFN_LINT = '1.58.0';
const CHECKOV = '3.3.30';

let packaged: Packaged;
let venv: string;
beforeAll(async () => {
  packaged = await packageStage('prod');
  venv = await cached({
    name: `template-linters-${CFN_LINT}-${CHECKOV}`,
    what: `cfn-lint ${CFN_LINT} and checkov ${CHECKOV} (PyPI)`,
    fetch: (folder) => installPython(folder, [`cfn-lint==${CFN_LINT}`, `checkov==${CHECKOV}`]),
  });
});
afterAll(() => packaged.remove());

const template = () => join(packaged.folder, 'cloudformation-template-update-stack.json');
const lint = (tool: string, args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(join(venv, 'bin', tool), args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  return { status, printed: `${stdout}${stderr}`.trim() };
};

test('cfn-lint finds nothing', () => {
  expect(lint('cfn-lint', ['--config-file', 'resources/.cfnlintrc.yaml', '--template', template()])).toEqual({ status: 0, printed: '' });
});

test('checkov finds nothing that is not waived by name', () => {
  const { status, printed } = lint('checkov', ['--config-file', 'resources/.checkov.yaml', '--file', template()]);
  expect({ status, failed: [...printed.matchAll(/^Check: .*/gm)].map(([line]) => line) }).toEqual({ status: 0, failed: [] });
});
