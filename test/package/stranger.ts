import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Ran {
  readonly code: number | null;
  readonly printed: string;
}
/** Nothing of the repository, of npm's own variables, or of a pipeline elsewhere reaches a stranger's shell. */
const shell = (env: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$|PIPELINE$|TWINSTREAM_|DATA_DIR$|PORT$|NODE_OPTIONS$)/i.test(name))),
  ...env,
});

/** A command in a folder, as somebody types it. */
export const type = (folder: string, command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
  const child = spawn(command, args, { cwd: folder, env: shell(env), stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, printed }));
  });
  return { child, ended, printed: () => printed };
};

/** One that must end with 0; answers what it printed. */
export const succeed = async (folder: string, command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> => {
  const { code, printed } = await type(folder, command, args, env).ended;
  if (code !== 0) throw new Error(`Expected ${command} ${args.join(' ')} to end with 0, got ${code}:\n${printed}`);
  return printed;
};

/** Waits for a text; fails once the command has ended without it. */
export const prints = async (command: ReturnType<typeof type>, text: RegExp, times = 1): Promise<string> => {
  let ran: Ran | null = null;
  void command.ended.then((ended) => {
    ran = ended;
  });
  for (;;) {
    const found = [...command.printed().matchAll(new RegExp(text, 'g'))];
    const last = found[times - 1];
    if (last !== undefined) return last[1] ?? last[0];
    if (ran !== null) throw new Error(`Expected ${text} ${times} times, it ended:\n${command.printed()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

export const end = async (command: { readonly child: ChildProcess; readonly ended: Promise<Ran> }): Promise<Ran> => {
  command.child.kill('SIGTERM');
  return command.ended;
};

export interface Stranger {
  readonly root: string;
  /** The packed package. */
  readonly tarball: string;
  /** The folder that was laid down. */
  readonly shop: string;
  readonly remove: () => void;
}
/** Packs the package, and lays a repository down with it in a folder that has nothing around it. */
export const layDown = async (): Promise<Stranger> => {
  const root = mkdtempSync(join(tmpdir(), 'stranger-'));
  const shop = join(root, 'shop');
  await succeed(process.cwd(), 'npm', ['pack', '--pack-destination', root]);
  const tarball = join(root, readdirSync(root).find((name) => name.endsWith('.tgz')) ?? '');
  await succeed(root, process.execPath, [join(process.cwd(), 'create-twinstream/index.js'), 'shop'], { TWINSTREAM_PACKAGE: tarball });
  return { root, tarball, shop, remove: () => rmSync(root, { recursive: true, force: true }) };
};
