// serverless-esbuild 1.57.2 leaves the folders in which it gathers each zip's files: NAME-PROCESS-TIME-RANDOM in the temporary folder.
const { readdirSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** Removes those of this process when it ends. */
exports.removeAtExit = (namesOf) => {
  process.once('exit', () => {
    const own = new RegExp(`^(.+)-${process.pid}-\\d+-[0-9a-f]{8}$`);
    const names = new Set(namesOf());
    try {
      for (const name of readdirSync(tmpdir())) if (names.has(own.exec(name)?.[1])) rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Whoever cleans the temporary folder removes them.
    }
  });
};
