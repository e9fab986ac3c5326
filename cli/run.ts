import { readFileSync } from 'node:fs';
import { type Command, fail } from './command.ts';
import { explain } from './explain.ts';
import { checkOpenFiles } from './open-files.ts';
import { usePipeline } from './user-pipeline-file.ts';

interface Entry {
  readonly does: string;
  /** Whether it loads the user's pipeline, which is then bundled first. */
  readonly usesPipeline: boolean;
  readonly load: () => Promise<Command>;
}
const COMMANDS: Readonly<Record<string, Entry>> = {
  start: { does: 'runs the whole system on this machine', usesPipeline: true, load: async () => (await import('./start.ts')).start },
  check: { does: 'shows what the pipeline counts, and what changed', usesPipeline: true, load: async () => (await import('./check.ts')).check },
  init: { does: 'creates a repository of your own', usesPipeline: false, load: async () => (await import('./init.ts')).init },
  feed: { does: 'sends files, standard input and streams', usesPipeline: true, load: async () => (await import('./feed.ts')).feed },
  agent: { does: 'collects events by a configuration', usesPipeline: false, load: async () => (await import('./agent.ts')).agent },
  token: { does: 'creates, lists and removes tokens', usesPipeline: false, load: async () => (await import('./token.ts')).token },
  reindex: { does: 'rebuilds search indexes', usesPipeline: true, load: async () => (await import('./reindex.ts')).reindex },
  lookup: { does: 'publishes reference data', usesPipeline: false, load: async () => (await import('./lookup.ts')).lookup },
  repair: { does: 'rebuilds a damaged data folder', usesPipeline: true, load: async () => (await import('./repair.ts')).repair },
  backup: { does: 'copies a data folder, even while a host runs', usesPipeline: false, load: async () => (await import('./backup.ts')).backup },
};
const USAGE = `Usage: twinstream COMMAND [options]

${Object.entries(COMMANDS)
  .map(([name, { does }]) => `  ${name.padEnd(8)} ${does}`)
  .join('\n')}

twinstream COMMAND --help shows its options. --pipeline FILE (or PIPELINE) names a pipeline other than pipeline.ts.`;

/** Runs the command that is typed after `twinstream`. */
export const run = async ([name = '', ...args]: readonly string[]): Promise<void> => {
  if (name === '--version') {
    console.log((JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version);
    return;
  }
  if (name === '--help' || name === '-h') {
    console.log(USAGE);
    return;
  }
  const entry = COMMANDS[name] ?? fail(`Expected a command, got '${name}'\n\n${USAGE}`);
  if (name === 'start') checkOpenFiles();
  try {
    // A watched pipeline may have errors at the start.
    if (entry.usesPipeline && !(name === 'start' && args.includes('--watch'))) await usePipeline(args);
  } catch (error) {
    fail(explain(error));
  }
  try {
    const command = await entry.load();
    await command(args);
  } catch (error) {
    fail(name === 'start' ? explain(error) : (error as Error).message);
  }
};
