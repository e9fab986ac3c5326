const EXTENSION = import.meta.url.endsWith('.js') ? '.js' : '.mjs';

/** In the package each file is a module of its own (.js); in the clone, everything is bundled into one folder (.mjs). */
export const IS_PACKAGE = EXTENSION === '.js';

/** The URL of a file's built module, for threads, child processes and the user's pipeline. */
export const builtModule = (folder: 'local' | 'cli' | 'shared', name: string): URL =>
  new URL(IS_PACKAGE ? `../${folder}/${name}.js` : `./${name}.mjs`, import.meta.url);

/** The command to copy a data folder. */
export const BACKUP_COMMAND = IS_PACKAGE ? 'npx twinstream backup FOLDER' : 'node scripts/backup.mjs FOLDER';
