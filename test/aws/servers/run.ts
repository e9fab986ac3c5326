import { execFile } from 'node:child_process';

/**
 * Runs a tool to its end.
 * @throws with the end of what it printed if it fails, or with `missing`, what to install, if there is no such tool.
 */
export const run = (
  command: string,
  args: readonly string[],
  { cwd, env = process.env, missing }: { cwd?: string; env?: NodeJS.ProcessEnv; missing: string },
): Promise<void> =>
  new Promise((resolve, reject) => {
    execFile(command, args, { cwd, env, maxBuffer: 1 << 26 }, (cause, stdout, stderr) => {
      if (cause === null) return resolve();
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return reject(new Error(`Expected ${command} to be installed, got none. ${missing}`, { cause }));
      const printed = `${stdout}\n${stderr}`.trim().split('\n').slice(-20).join('\n');
      reject(new Error(`${command} ${args.slice(0, 3).join(' ')} … failed:\n${printed}`, { cause }));
    });
  });
