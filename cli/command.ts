import { type ParseArgsConfig, parseArgs } from 'node:util';
import { IS_PACKAGE } from '../local/built.ts';

/** Prints why a command cannot be carried out, and ends the process with 1. */
export const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};

/** How a command is typed: by the package's bin, or by the clone's npm scripts. */
export const typed = (name: string): string => (IS_PACKAGE ? `twinstream ${name}` : `npm ${name === 'start' ? '' : 'run '}${name} --`);

type Options = NonNullable<ParseArgsConfig['options']>;
export type Command = (args: readonly string[]) => Promise<void>;

interface Config<O extends Options> {
  args: string[];
  options: O;
  allowPositionals: true;
}
interface CommandOptions<O extends Options> {
  readonly usage: string;
  readonly options: O;
  readonly run: (parsed: ReturnType<typeof parseArgs<Config<O>>>) => Promise<void>;
}
/** A command that prints its usage for --help, and for unknown arguments. */
export const command =
  <const O extends Options>({ usage, options, run }: CommandOptions<O>): Command =>
  async (args) => {
    if (args.includes('--help') || args.includes('-h')) {
      console.log(usage);
      return;
    }
    const parsed = (() => {
      try {
        return parseArgs<Config<O>>({ args: [...args], options, allowPositionals: true });
      } catch (error) {
        return fail(`${(error as Error).message}\n\n${usage}`);
      }
    })();
    await run(parsed);
  };

/** The option of every command that loads a pipeline; cli/run.ts has already read it. */
export const PIPELINE_OPTION = { pipeline: { type: 'string' } } as const;
