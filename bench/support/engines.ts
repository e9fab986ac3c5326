import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const PYTHON = process.env.PYTHON ?? 'python3';
const SPARK =
  'Spark is left out. It needs Java 17, and: python3 -m venv engines && engines/bin/pip install pyspark; PYTHON=engines/bin/python npm run bench -- …';

/** Whether Spark is installed; if not, says how to. */
export const hasSpark = (): boolean => {
  const { status } = spawnSync(PYTHON, ['-c', 'import pyspark'], { stdio: 'ignore' });
  if (status !== 0) console.log(SPARK);
  return status === 0;
};

export interface Counted {
  readonly channel: string;
  readonly hits: number;
  readonly added: number;
}
/** Counts the hits of a folder's lines in a process of its own. */
export const spark = (kind: 'stream' | 'batch', lines: string, out: string): { readonly seconds: number; readonly rows: readonly Counted[] } => {
  const script = join(process.cwd(), 'bench/engines/spark.py');
  const { status, stdout } = spawnSync(PYTHON, [script, kind, lines, out], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`Expected Spark to end well, it ended with ${status}`);
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
};
