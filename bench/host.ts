import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The host in a process and a data folder of its own. */
export const startHost = async (root: string, env: Readonly<Record<string, string>>) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'twinstream-bench-'));
  const host = spawn(process.execPath, [...(process.env.HOST_FLAGS?.split(' ') ?? []), join(root, 'scripts/start.mjs')], {
    cwd: root,
    env: { ...process.env, DATA_DIR: dataDir, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    host.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = /"url":"([^"]+)"/.exec(text);
      if (found?.[1] !== undefined) resolve(found[1]);
    });
    host.on('exit', (code) => reject(new Error(`The host ended with ${code}: ${text}`)));
  });
  return {
    url,
    stop: async () => {
      const ended = new Promise((resolve) => host.on('exit', resolve));
      host.kill('SIGTERM');
      await ended;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
};

export const quantile = (sorted: readonly number[], p: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
