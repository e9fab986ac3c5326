// Copies DATA_DIR, even while a host runs.
import { resolve } from 'node:path';
import { backup as copy } from '../local/backup.ts';
import { BACKUP_COMMAND } from '../local/built.ts';
import { readSettings } from '../shared/platforms/embedded-settings.ts';
import { command } from './command.ts';

export const backup = command({
  usage: `Usage: ${BACKUP_COMMAND}\n\nCopies DATA_DIR as it is now, even while a host runs, into a new folder.`,
  options: {},
  run: async ({ positionals: [to, ...more] }) => {
    if (to === undefined || more.length > 0) throw new RangeError(`Expected one folder to copy into: ${BACKUP_COMMAND}`);
    process.umask(0o077);
    const { dataDir } = readSettings(process.env);
    await copy(dataDir, resolve(process.env.INIT_CWD ?? '.', to));
    console.log(`Copied ${dataDir} to ${to}. Start from it with DATA_DIR=${to}`);
  },
});
