import { join } from 'node:path';
import { run } from './run.ts';

const missing = 'Install Python 3.10 or newer with its venv module (Debian: apt install python3 python3-venv), or name one in PYTHON.';

/** Makes a Python virtual environment with these packages. It stays where it is made: its scripts know their path. */
export const installPython = async (folder: string, requirements: readonly string[]): Promise<void> => {
  await run(process.env.PYTHON ?? 'python3', ['-m', 'venv', folder], { missing });
  await run(pythonOf(folder), ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check', ...requirements], { missing });
};

export const pythonOf = (folder: string): string => join(folder, 'bin', 'python');
