import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tokenFile } from '../../shared/adapters/files/token-file.ts';
import { createToken } from '../../shared/auth/tokens.ts';
import { type Host, startHost } from '../../testing/host.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { sampleEdits } from '../support/sample.ts';
import { cached } from './servers/cache.ts';
import { installPython, pythonOf } from './servers/python.ts';

// A running host, before two programs that others wrote: Schemathesis makes calls of every kind from /openapi.json and holds
// each answer against it, and Prometheus' own client reads /stats.

const SCHEMATHESIS = '4.32.5';
const PROMETHEUS = '0.26.0';
/** Of each call; all of them take half a minute. */
const EXAMPLES = process.env.EXAMPLES ?? '40';
const SEED = process.env.SEED ?? '1';
/** What a schema cannot say is left out: a time after now, `to` before `from`, an event type that there is not. Such calls get their 400 or 422. */
const LEFT_OUT = 'positive_data_acceptance';

/** Schemathesis does not know how NDJSON is written. */
const HOOKS = `
import schemathesis
@schemathesis.serializer("application/x-ndjson")
def ndjson(ctx, value):
    return str(value).encode(errors="replace")
`;

const folder = temporaryFolder();
const hooks = temporaryFolder();
const { token, stored } = createToken('admin');
let venv: string;
let host: Host;
beforeAll(async () => {
  venv = await cached({
    name: `http-testers-${SCHEMATHESIS}-${PROMETHEUS}`,
    what: `schemathesis ${SCHEMATHESIS} and prometheus-client ${PROMETHEUS} (PyPI)`,
    fetch: (into) => installPython(into, [`schemathesis==${SCHEMATHESIS}`, `prometheus-client==${PROMETHEUS}`]),
  });
  writeFileSync(join(hooks.path, 'hooks.py'), HOOKS);
  await tokenFile({ path: join(folder.path, 'tokens.json') }).add(stored);
  host = await startHost({ DATA_DIR: folder.path, EPOCH: '1s', RECOMPUTE_EVERY: '2s', LOG_LEVEL: 'info' });
  const lines = sampleEdits()
    .slice(0, 2_000)
    .map((edit) => JSON.stringify(edit));
  const { status } = await host.post('/events/edit', lines.join('\n'), { 'content-type': 'application/x-ndjson', authorization: `Bearer ${token}` });
  expect(status).toBe(202);
});
afterAll(async () => {
  await host?.stop();
  folder.remove();
  hooks.remove();
});

const run = (command: string, args: readonly string[], input: string): Promise<{ code: number | null; printed: string }> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, PYTHONPATH: hooks.path, SCHEMATHESIS_HOOKS: 'hooks' };
    const child = spawn(command, args, { cwd: hooks.path, env, stdio: ['pipe', 'pipe', 'pipe'] });
    let printed = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
      });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, printed }));
    child.stdin.end(input);
  });

test(`given calls of every kind (seed ${SEED}), then each answer is as the document says, and none is a failure of the server`, async () => {
  const { code, printed } = await run(
    join(venv, 'bin', 'schemathesis'),
    [
      ...['run', `${host.url}/openapi.json`, '--header', `Authorization: Bearer ${token}`, '--phases', 'examples,coverage,fuzzing'],
      ...['--exclude-path', '/live'], // its answer does not end
      ...['--checks', 'all', '--exclude-checks', LEFT_OUT, '--seed', SEED, '--max-examples', EXAMPLES],
      ...['--continue-on-failure', '--request-timeout', '20', '--generation-database', 'none', '--warnings', 'off', '--no-color'],
    ],
    '',
  );
  expect({ code, printed: code === 0 ? '' : printed }).toEqual({ code: 0, printed: '' });
  const [, cases = '0'] = /(\d+) generated/.exec(printed) ?? [];
  process.stdout.write(`schemathesis: ${cases} calls\n`);
  expect(Number(cases)).toBeGreaterThan(500);
  expect((await host.get('/health')).status).toBe(200);
  expect(
    host
      .printed()
      .split('\n')
      .filter((line) => /"level":(50|60)/.test(line)),
  ).toEqual([]);
});

const READ = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families
families = {family.name: [family.type, len(family.samples)] for family in text_string_to_metric_families(sys.stdin.read())}
print(json.dumps(families))
`;

test("given /stats, then Prometheus' own reader finds every family and its type", async () => {
  const { text } = await host.get('/stats', { authorization: `Bearer ${token}` });
  const { code, printed } = await run(pythonOf(venv), ['-c', READ], text);
  expect([code, code === 0 ? '' : printed]).toEqual([0, '']);
  const families = JSON.parse(printed) as Record<string, [type: string, samples: number]>;
  expect(families).toMatchObject({
    twinstream_accepted_events: ['counter', 1],
    twinstream_horizon_lag_seconds: ['gauge', 1],
    twinstream_lag_records: ['gauge', expect.any(Number)],
  });
  expect(families.twinstream_aggregate_delay_seconds?.[0]).toBe('histogram');
  const declared = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type]) => [type === 'counter' ? name.replace(/_total$/, '') : name, type]);
  expect(
    Object.entries(families)
      .map(([name, [type]]) => [name, type])
      .sort(),
  ).toEqual(declared.sort());
});
