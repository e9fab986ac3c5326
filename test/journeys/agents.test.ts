import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { segmentChannel } from '../../agent/channel/segment-channel.ts';
import type { Sink } from '../../agent/ports/sink.ts';
import { runAgent } from '../../agent/run-agent.ts';
import { httpSink } from '../../agent/sinks/http.ts';
import { machine } from '../../agent/surroundings.ts';
import { startHost } from '../../testing/host.ts';
import { environmentOf } from '../../testing/host-process.ts';
import { random } from '../../testing/random.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { memoryFiles } from '../agent/memory-files.ts';
import { numbered } from '../agent/world.ts';
import { isLong } from '../support/long.ts';
import { sampleEdits, settle } from '../support/sample.ts';
import { until } from '../support/until.ts';

const folder = temporaryFolder();
afterAll(folder.remove);

/** What only a long run plays. */
const long = isLong ? test : test.skip;

long('an agent of its own process, killed again and again while its file grows and is rotated: each line arrives once', async () => {
  const at = (name: string): string => join(folder.path, name);
  const config = { folder: 'data', sources: [{ kind: 'file', path: 'app.log', type: 'edit' }], sink: { kind: 'file', path: 'out' }, batch: { wait: '10ms' } };
  writeFileSync(at('agent.json'), JSON.stringify(config));
  const start = () =>
    spawn(process.execPath, ['scripts/twinstream.mjs', 'agent', '--config', at('agent.json')], {
      env: environmentOf({}),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  const arrived = (): readonly string[] => (existsSync(at('out')) ? readFileSync(at('out'), 'utf8').split('\n').slice(0, -1) : []);
  const lines: string[] = [];
  const write = (): void => {
    const more = Array.from({ length: 500 }, (_, i) => `{"n":${lines.length + i}}`);
    lines.push(...more);
    appendFileSync(at('app.log'), more.map((line) => `${line}\n`).join(''));
  };
  for (let kill = 0; kill < 8; kill++) {
    const agent = start();
    write();
    // Killed at once, or when some of it has arrived.
    if (kill % 2 === 0) await until(() => arrived().length > lines.length - 500);
    agent.kill('SIGKILL');
    await new Promise((resolve) => agent.on('close', resolve));
    if (kill === 4) {
      write();
      renameSync(at('app.log'), at('app.log.1'));
    }
  }
  const agent = start();
  await until(() => arrived().length >= lines.length);
  agent.kill('SIGTERM');
  expect(await new Promise((resolve) => agent.on('close', resolve))).toBe(0);
  expect([...arrived()].sort()).toEqual([...lines].sort());
});

long('a thousand agents at one host: all is counted once, and none tries much more often than the others', async () => {
  const host = await startHost({ DATA_DIR: join(folder.path, 'host'), EPOCH: '1s', RECOMPUTE_EVERY: '1h', LOG_LEVEL: 'error' });
  const [edit] = sampleEdits();
  const [AGENTS, EVENTS, REQUEST] = [1_000, 12, 6];
  // Together their bodies are larger than what the host reads at a time.
  const comment = 'x'.repeat(6_000);
  const tries = new Map<number, number>();
  const one = async (n: number): Promise<void> => {
    const r = random(n);
    const to = httpSink({ url: new URL(host.url), token: null, parallel: 3, surroundings: machine });
    const sink: Sink = {
      ...to,
      deliver: async (batches) => {
        tries.set(n, (tries.get(n) ?? 0) + 1);
        return to.deliver(batches);
      },
    };
    const files = memoryFiles();
    const channel = await segmentChannel({ folder: '/a', files, maxBytes: 1e6, segmentBytes: 1e5, note: () => {} });
    const lines = Array.from({ length: EVENTS }, (_, i) =>
      JSON.stringify({ ...edit, time: '2016-01-02T03:04:05.000Z', channel: '#agents', user: `${n}`, added: i, comment }),
    );
    const limits = { events: REQUEST, bytes: 1e5, waitMs: 0 };
    const options = { channel, sink, limits, rate: null, endsWhenRefused: true, surroundings: machine, note: () => {}, onDelivered: () => {} };
    await runAgent({ ...options, sources: [numbered(lines, r)] }, new AbortController().signal);
  };
  await Promise.all(Array.from({ length: AGENTS }, (_, n) => one(n)));
  // The agents' idle connections fill what the host takes, until it closes them: as they did, this tries again.
  const settled = () =>
    settle(host, 'after a thousand agents').then(
      () => true,
      () => false,
    );
  await until(settled);
  const query = '/metrics/edits?from=2016-01-01&to=2016-02-01&every=all&measures=edits,added&filter[channel]=%23agents';
  expect((await host.get(query)).json.rows).toMatchObject([{ edits: AGENTS * EVENTS, added: (AGENTS * EVENTS * (EVENTS - 1)) / 2 }]);
  expect(Math.max(...tries.values())).toBeLessThan(20 * (EVENTS / REQUEST));
  await host.kill();
});
