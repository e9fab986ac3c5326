import { spawn } from 'node:child_process';

export interface Ran {
  /** Null where it was killed. */
  readonly code: number | null;
  readonly printed: string;
}

/** A script of the repository, as somebody types it; resolves once it has ended. */
export const script = (path: string, args: readonly string[], env: Readonly<Record<string, string>>) => {
  const { PIPELINE: _, TWINSTREAM_TOKEN: __, ...outer } = process.env;
  const child = spawn(process.execPath, [path, ...args], { env: { ...outer, INIT_CWD: process.cwd(), ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  const ended = new Promise<Ran>((resolve) => child.on('close', (code) => resolve({ code, printed })));
  return { ended, kill: () => child.kill('SIGKILL') };
};
