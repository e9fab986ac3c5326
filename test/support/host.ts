import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Body, Fields } from './body.ts';

const root = process.cwd();
const STARTS_WITHIN_MS = 60_000;

export interface Answer<R = Fields> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, if it is JSON. */
  readonly json: Body<R>;
}
export interface Host {
  readonly url: string;
  readonly pid: number;
  /** What it has printed. */
  printed(): string;
  get<R = Fields>(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer<R>>;
  post(path: string, body: string | Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** As Ctrl-C does; answers the exit code. */
  stop(): Promise<number | null>;
  /** As a power cut does. */
  kill(): Promise<void>;
}

/** A data folder that goes when the tests of a file have run. */
export const temporaryFolder = (): { path: string; remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'twinstream-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

const environment = (env: Readonly<Record<string, string>>): NodeJS.ProcessEnv => {
  const { PIPELINE: _, TWINSTREAM_TOKEN: __, ...outer } = process.env;
  return { ...outer, INIT_CWD: root, ...env };
};

/** The host, as `npm start` runs it, in a process of its own on a free port. */
export const startHost = async (env: Readonly<Record<string, string>> & { readonly DATA_DIR: string }): Promise<Host> => {
  const host = spawn(
    process.execPath,
    [...(process.env.HOST_FLAGS?.split(' ') ?? []), '--max-semi-space-size=32', join(root, 'scripts/twinstream.mjs'), 'start'],
    {
      cwd: root,
      env: environment({ PORT: '0', ...env }),
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const ended = new Promise<number | null>((resolve) => host.on('exit', resolve));
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
  const ask = async <R = Fields>(path: string, init: RequestInit): Promise<Answer<R>> => {
    const response = await fetch(url + path, init);
    const body = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text: body,
      json: response.headers.get('content-type')?.includes('json') ? JSON.parse(body) : null,
    };
  };
  return {
    url,
    pid: host.pid as number,
    printed: () => text,
    get: (path, headers = {}) => ask(path, { headers }),
    post: (path, body, headers = {}) => ask(path, { method: 'POST', body: body as NonNullable<RequestInit['body']>, headers }),
    stop: () => {
      host.kill('SIGTERM');
      return ended;
    },
    kill: async () => {
      host.kill('SIGKILL');
      await ended;
    },
  };
};

/** `npm run feed -- …args`; resolves with its exit code and what it printed. */
export const feed = (args: readonly string[], env: Readonly<Record<string, string>>) => {
  const child = spawn(process.execPath, [join(root, 'scripts/twinstream.mjs'), 'feed', ...args], {
    cwd: root,
    env: environment(env),
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
