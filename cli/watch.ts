import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { type BuildResult, context, formatMessages } from 'esbuild';
import { builtModule } from '../local/built.ts';
import { explain } from './explain.ts';
import { bundleOptions, writeBundle } from './user-pipeline-file.ts';

/**
 * Runs the host in a process of its own, and restarts it after each change of the pipeline or of a file that it imports. A
 * pipeline that cannot be built or loaded is reported, and the running host continues. Resolves at Ctrl-C or SIGTERM.
 */
export const watch = async (file: string): Promise<void> => {
  const env = process.env.PORT === '0' ? { ...process.env, PORT: await freePort() } : process.env;
  const running: { host: Host | null; bundle: string | null } = { host: null, bundle: null };
  let version = 0;
  let ending = false;

  const take = async ({ errors, outputFiles = [] }: BuildResult): Promise<void> => {
    if (ending) return;
    const url = errors.length > 0 ? null : writeBundle(file, version++, outputFiles[0]?.contents ?? new Uint8Array());
    const problem = url === null ? (await formatMessages(errors as never[], { kind: 'error' })).join('') : await loadError(url);
    if (url === null || problem !== null) {
      console.error(problem);
      console.error(running.host === null ? `Waiting for a change of ${file}.` : 'The pipeline from before this change continues to run.');
      if (url !== null) rmSync(fileURLToPath(url), { force: true });
      return;
    }
    await running.host?.stop();
    if (running.bundle !== null) rmSync(fileURLToPath(running.bundle), { force: true });
    running.bundle = url;
    // A signal may have come meanwhile.
    running.host = ending ? null : startHost({ ...env, TWINSTREAM_PIPELINE: url });
  };

  let taking = Promise.resolve();
  const restart = {
    name: 'restart',
    setup: (build: { onEnd(take: (result: BuildResult) => void): void }) => build.onEnd((result) => void (taking = taking.then(() => take(result)))),
  };
  const options = bundleOptions(file);
  const watched = await context({ ...options, plugins: [...options.plugins, restart] });
  const signal = new Promise<void>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, resolve);
  });
  await watched.watch();
  await signal;
  ending = true;
  await watched.dispose();
  await taking;
  await running.host?.stop();
};

/** What is wrong with a bundle; null if it loads. */
const loadError = async (url: string): Promise<string | null> => {
  try {
    await import(url);
    return null;
  } catch (error) {
    return explain(error);
  }
};

interface Host {
  readonly stop: () => Promise<void>;
}
const startHost = (env: NodeJS.ProcessEnv): Host => {
  const args = ['--enable-source-maps', '--max-semi-space-size=32', fileURLToPath(builtModule('cli', 'twinstream')), 'start'];
  const child = spawn(process.execPath, args, { env, stdio: 'inherit' });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  return {
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
};

/** One for all its hosts, one after another. */
const freePort = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(String(port)));
    });
  });
