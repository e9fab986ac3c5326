// Commands beside the host, each in a process of its own.
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const root = process.cwd();
const ENDS_WITHIN_MS = 300_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly printed: string;
  readonly ms: number;
}
export interface Command {
  /** From the root of the repository, for instance scripts/backup.mjs. */
  readonly script: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** When it is killed as by a power cut; null to let it end. */
  readonly killAfterMs: number | null;
}

/** Runs `node SCRIPT …` until it ends. One that does not end within five minutes is killed, and fails. */
export const run = ({ script, args, env, killAfterMs }: Command): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const { PIPELINE: _, TWINSTREAM_TOKEN: __, ...outer } = process.env;
    const startedAt = performance.now();
    const child = spawn(process.execPath, [join(root, script), ...args], {
      cwd: root,
      env: { ...outer, INIT_CWD: root, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
      });
    const kill = setTimeout(() => child.kill('SIGKILL'), killAfterMs ?? ENDS_WITHIN_MS);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(kill);
      const ms = performance.now() - startedAt;
      if (killAfterMs === null && ms >= ENDS_WITHIN_MS) reject(new Error(`Expected ${script} to end within ${ENDS_WITHIN_MS} ms, it printed:\n${printed}`));
      else resolve({ code, signal, printed, ms });
    });
  });
