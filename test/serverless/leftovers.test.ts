import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { temporaryFolder } from '../../testing/temporary-folder.ts';

test('what packaging leaves in the temporary folder goes when its process ends; what others have there stays', () => {
  const folder = temporaryFolder();
  try {
    // As serverless-esbuild names them (dist/utils.js, zip).
    const script = `
      const { mkdirSync } = require('node:fs');
      const { join } = require('node:path');
      require('./resources/leftovers.cjs').removeAtExit(() => ['index-entities', 'query']);
      for (const name of ['query-' + process.pid, 'index-entities-' + process.pid, 'query-1', 'mine-' + process.pid])
        mkdirSync(join(${JSON.stringify(folder.path)}, name + '-1796038080515-0ccf74d2', 'functions'), { recursive: true });
      console.log(process.pid);`;
    const { stdout, status } = spawnSync(process.execPath, ['-e', script], { env: { ...process.env, TMPDIR: folder.path }, encoding: 'utf8' });
    expect(status).toBe(0);
    expect(readdirSync(folder.path).sort()).toEqual([`mine-${stdout.trim()}-1796038080515-0ccf74d2`, 'query-1-1796038080515-0ccf74d2']);
  } finally {
    folder.remove();
  }
});
