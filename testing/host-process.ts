import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Environment } from '../shared/platforms/environment.ts';

const STARTS_WITHIN_MS = 60_000;

/** A host in a process of its own. */
export interface HostProcess {
  readonly url: string;
  readonly pid: number;
  /** Its output so far. */
  printed(): string;
  /** Stops it like Ctrl-C; returns the exit code. */
  stop(): Promise<number | null>;
  /** Kills it like a power cut. */
  kill(): Promise<void>;
}

/** These variables are not passed to a test's host, unless the test sets them. */
const withoutOurs = ({ PIPELINE: _, TWINSTREAM_TOKEN: __, NODE_TEST_CONTEXT: ___, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv => env;
export const environmentOf = (env: Environment): NodeJS.ProcessEnv => ({ ...withoutOurs(process.env), INIT_CWD: process.cwd(), ...env });

/** Runs a script of Node that starts a host, and waits until it listens. */
export const spawnHost = async (command: readonly string[], env: Environment): Promise<HostProcess> => {
  const host = spawn(process.execPath, command, { env: environmentOf({ PORT: '0', ...env }), stdio: ['ignore', 'pipe', 'pipe'] });
  const killed = (): void => void host.kill('SIGKILL');
  process.prependListener('exit', killed);
  const ended = new Promise<number | null>((resolve) => host.on('exit', resolve));
  void ended.then(() => process.off('exit', killed));
  let text = '';
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`Expected the host to listen within ${STARTS_WITHIN_MS} ms, it printed:\n${text}`)), STARTS_WITHIN_MS);
    const look = (chunk: Buffer) => {
      text += chunk.toString();
      const [, found] = /listens on (http:\/\/[\w.:[\]]+)/.exec(text) ?? [];
      if (found === undefined) return;
      clearTimeout(timer);
      resolve(found);
    };
    host.stdout.on('data', look);
    host.stderr.on('data', look);
    host.on('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`Expected the host to listen, it ended with ${code}:\n${text}`));
    });
  });
  // If a test fails before it stops the host, the test process still ends, and the host with it.
  host.unref();
  for (const pipe of [host.stdout, host.stderr]) if (pipe instanceof Socket) pipe.unref();
  return {
    url,
    pid: host.pid as number,
    printed: () => text,
    stop: () => {
      host.ref();
      host.kill('SIGTERM');
      return ended;
    },
    kill: async () => {
      host.ref();
      host.kill('SIGKILL');
      await ended;
    },
  };
};
