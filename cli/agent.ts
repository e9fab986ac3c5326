// Runs an agent (agent/) by a configuration file, until it is stopped, or its sources have ended.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { openChannel } from '../agent/channel/open-channel.ts';
import { parseConfig } from '../agent/config.ts';
import { configured } from '../agent/configured.ts';
import { runAgent } from '../agent/run-agent.ts';
import { machine } from '../agent/surroundings.ts';
import { command, fail, typed } from './command.ts';
import { untilStopped } from './until-stopped.ts';

const USAGE = `Usage: ${typed('agent')} --config FILE

  Reads sources into a durable channel in a folder, and sends them to a Twinstream, another agent or a file, each event once.
  FILE is JSON: { "folder", "sources": [{ "kind": "file|stdin|sse|poll|listen|syslog", … }], "sink": { "kind": "twinstream|file", … } }.
  docs/feeds.md describes it. Ctrl-C stops it; what is not sent then is sent by the next run.`;

const MAX_BATCH_BYTES = 2_000_000;

export const agent = command({
  usage: USAGE,
  options: { config: { type: 'string' } },
  run: async ({ values }) => {
    if (values.config === undefined) return fail(USAGE);
    const path = resolve(process.env.INIT_CWD ?? '.', values.config);
    const root = dirname(path);
    const note = noting();
    try {
      const config = parseConfig(readFileSync(path, 'utf8'));
      const { sources, sink } = configured({ config, root, env: process.env, surroundings: machine, note });
      const channel = await openChannel(resolve(root, config.folder), config.maxDisk, note);
      const stopped = untilStopped();
      try {
        const limits = { events: config.batch.events, bytes: MAX_BATCH_BYTES, waitMs: config.batch.wait };
        const onDelivered = (_: unknown, { rejected, errors }: { rejected: number; errors: readonly { path?: string; message: string }[] }): void => {
          const [first] = errors;
          if (rejected > 0)
            note(`${rejected} events were rejected, and are in quarantine${first === undefined ? '' : `: ${first.path ?? ''} ${first.message}`}`);
        };
        await runAgent(
          { sources, channel, sink, limits, rate: config.rate ?? null, endsWhenRefused: false, surroundings: machine, note, onDelivered },
          stopped.signal,
        );
      } finally {
        stopped.release();
        await channel.close();
        channel.release();
      }
    } catch (error) {
      fail(`${values.config}: ${(error as Error).message}`);
    }
  },
});

/** The same note is written once a minute at most. */
const noting = () => {
  const writtenAtMs = new Map<string, number>();
  return (text: string): void => {
    const nowMs = machine.clock();
    if (nowMs - (writtenAtMs.get(text) ?? Number.NEGATIVE_INFINITY) < 60_000) return;
    if (writtenAtMs.size > 1_000) writtenAtMs.clear();
    writtenAtMs.set(text, nowMs);
    console.error(`${new Date(nowMs).toISOString()} ${text}`);
  };
};
