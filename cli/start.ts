import { command, PIPELINE_OPTION } from './command.ts';

const USAGE = `Usage: twinstream start [--pipeline FILE]

Runs the whole system on http://127.0.0.1:8080, or the HOST and PORT of the environment. Everything is stored in DATA_DIR.`;

export const start = command({
  usage: USAGE,
  options: PIPELINE_OPTION,
  run: async () => {
    await import('../local/main.ts');
  },
});
