import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { environmentOf } from '../../testing/host-process.ts';

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** `npm run feed -- …args`; resolves with its exit code and what it printed. */
export const feed = (args: readonly string[], env: Readonly<Record<string, string>>) => {
  const child = spawn(process.execPath, [join(process.cwd(), 'scripts/twinstream.mjs'), 'feed', ...args], {
    env: environmentOf(env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  const ended = new Promise<{ code: number | null; printed: string }>((resolve) => child.on('close', (code) => resolve({ code, printed })));
  return { child, ended };
};
