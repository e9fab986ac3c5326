import { spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A server that others wrote, started by a test. */
export interface StartedServer {
  /** http://127.0.0.1:port */
  readonly endpoint: string;
  /** Ends it and removes its state. */
  stop(): Promise<void>;
}

export interface ServerProcess {
  readonly name: string;
  /** All of its state; removed when it ends. */
  readonly folder: string;
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** A real request; resolves when the server answers it, throws while it does not. */
  readonly probe: () => Promise<unknown>;
  readonly timeoutMs: number;
}

export const temporaryFolder = (name: string): string => mkdtempSync(join(tmpdir(), `twinstream-${name}-`));

const canListen = (port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject).listen(port, '127.0.0.1', () => {
      const { port: got } = server.address() as { port: number };
      server.close(() => resolve(got));
    });
  });
/** A port that is free now. */
export const freePort = (): Promise<number> => canListen(0);
/** A port of a range that is free now, another one for another process. */
export const freePortOf = async (low: number, high: number): Promise<number> => {
  const count = high - low + 1;
  for (let i = 0; i < count; i++) {
    const port = await canListen(low + ((process.pid + i) % count)).catch(() => null);
    if (port !== null) return port;
  }
  throw new Error(`Expected a free port from ${low} to ${high}, got none`);
};

/**
 * Starts a process that lives no longer than this one (see guard.mjs), and waits until it answers.
 * @throws with the end of its log if it ends, or does not answer in time.
 */
export const startProcess = async ({ name, folder, command, env, probe, timeoutMs }: ServerProcess): Promise<{ stop(): Promise<void> }> => {
  const logFile = join(folder, 'log');
  const log = openSync(logFile, 'a');
  const guard = spawn(process.execPath, [fileURLToPath(new URL('./guard.mjs', import.meta.url)), folder, ...command], {
    detached: true, // a Ctrl-C is for us; the guard sees us end
    stdio: ['pipe', log, log],
    env: { ...withoutAws(process.env), ...env },
  });
  closeSync(log);
  let ended = false;
  const end = new Promise<void>((resolve) => {
    guard.on('close', () => {
      ended = true;
      resolve();
    });
  });
  // A test that forgets stop() ends all the same, and the server with it.
  guard.unref();
  const pipe = guard.stdin as Socket;
  pipe.unref();

  const stop = async (): Promise<void> => {
    pipe.end();
    await end;
    await rm(folder, { recursive: true, force: true });
  };
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    try {
      await probe();
      return { stop };
    } catch (cause) {
      if (!ended && Date.now() < deadlineMs) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        continue;
      }
      const instead = ended ? 'its end' : String(cause);
      const tail = (await readFile(logFile, 'utf8')).split('\n').slice(-40).join('\n');
      await stop();
      throw new Error(`Expected ${name} to answer within ${timeoutMs / 1000} s, got ${instead}. The end of its log:\n${tail}`, { cause });
    }
  }
};

/** What is set for the real AWS, or for another test, is nothing to a local server. */
const withoutAws = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('AWS_')));
