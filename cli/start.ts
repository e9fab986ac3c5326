import { command, fail, PIPELINE_OPTION, typed } from './command.ts';
import { pipelineFile } from './user-pipeline-file.ts';

const USAGE = `Usage: ${typed('start')} [--pipeline FILE] [--watch]

Runs the whole system on http://127.0.0.1:8080, or the HOST and PORT of the environment. Everything is stored in DATA_DIR.
  --watch  restarts after each change of the pipeline`;

export const start = command({
  usage: USAGE,
  options: { watch: { type: 'boolean' }, ...PIPELINE_OPTION },
  run: async ({ values, positionals }) => {
    if (positionals.length > 0) fail(`Expected no arguments, got '${positionals[0]}'\n\n${USAGE}`);
    if (!values.watch) return void (await import('../local/main.ts'));
    const { watch } = await import('./watch.ts');
    await watch(pipelineFile(values.pipeline === undefined ? [] : ['--pipeline', values.pipeline]));
    process.exit(0);
  },
});
