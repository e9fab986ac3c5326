import { readFileSync } from 'node:fs';
import type { Context } from 'aws-lambda';
import { ALARMED, powertoolsTelemetry, SHOWN } from '../../shared/adapters/aws/powertools.ts';
import { COUNTERS, DISTRIBUTIONS, GAUGES } from '../../shared/ports/figures.ts';

/** The JSON lines that work prints, to either stream. */
const printed = (work: () => void): Record<string, unknown>[] => {
  let text = '';
  const streams = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
  for (const { stream } of streams)
    stream.write = (chunk: string | Uint8Array) => {
      text += chunk.toString();
      return true;
    };
  try {
    work();
  } finally {
    for (const { stream, write } of streams) stream.write = write;
  }
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
};
const at = (clock: () => number, level: 'info' | 'warn' | 'error' = 'info') => powertoolsTelemetry({ service: 'twinstream-dev', level, clock });
const CONTEXT = { functionName: 'ingest', awsRequestId: 'request-1', memoryLimitInMB: '512', invokedFunctionArn: 'arn' } as Context;

test('given an invocation, then its logs name it, and its counters leave as one line of metrics of the stage', () => {
  const telemetry = at(() => 0);
  const lines = printed(() => {
    telemetry.begin(CONTEXT);
    telemetry.debug('Not at this level', {});
    telemetry.warn('A warning', { shard: 'shard-1' });
    telemetry.count('accepted', 3);
    telemetry.count('accepted', 4);
    telemetry.count('drift', 0);
    telemetry.gauge('horizon_lag_seconds', 7_200);
    telemetry.end();
  });
  expect(lines).toMatchObject([
    { level: 'WARN', message: 'A warning', shard: 'shard-1', service: 'twinstream-dev', function_request_id: 'request-1' },
    {
      service: 'twinstream-dev',
      accepted: 7,
      horizon_lag_seconds: 7_200,
      _aws: { CloudWatchMetrics: [{ Namespace: 'Twinstream', Dimensions: [['service']] }] },
    },
  ]);
});

test('given a count of nothing, then it is no metric, which would cost as much as one of a million; a measured 0 is one', () => {
  const telemetry = at(() => 0);
  const [line = {}, ...more] = printed(() => {
    telemetry.count('drift', 0);
    telemetry.gauge('horizon_lag_seconds', 0);
    telemetry.end();
  });
  expect([line.horizon_lag_seconds, 'drift' in line, more]).toEqual([0, false, []]);
});

test('given a level of Lambda that is lower, then that of the stage decides what is logged', () => {
  process.env.AWS_LAMBDA_LOG_LEVEL = 'DEBUG';
  try {
    const telemetry = at(() => 0, 'warn');
    const lines = printed(() => {
      telemetry.debug('Detail', {});
      telemetry.info('News', {});
      telemetry.warn('A warning', {});
      telemetry.error('An error', {});
    });
    expect(lines.map(({ level }) => level)).toEqual(['WARN', 'ERROR']);
  } finally {
    delete process.env.AWS_LAMBDA_LOG_LEVEL;
  }
});

test('given nothing to count, then nothing is printed, and what was counted before is not counted again', () => {
  const telemetry = at(() => 0, 'error');
  printed(() => {
    telemetry.count('accepted', 1);
    telemetry.end();
  });
  expect(printed(() => telemetry.end())).toEqual([]);
});

test('given figures that nobody watches, then they are fields of the line, and no metrics, which are billed by the month', () => {
  const telemetry = at(() => 0);
  const [line, alone] = printed(() => {
    telemetry.count('folded', 80);
    telemetry.observe('cell_bytes', 2_602);
    telemetry.observe('aggregate_delay_seconds', 8.5);
    telemetry.end();
    telemetry.observe('archive_delay_seconds', 120);
    telemetry.end();
  });
  expect(line).toMatchObject({ folded: 80, cell_bytes: '2602', aggregate_delay_seconds: '8.5' });
  expect(line?._aws).toMatchObject({ CloudWatchMetrics: [{ Metrics: [{ Name: 'folded', Unit: 'Count' }] }] });
  expect(alone).toMatchObject({ message: 'Figures', archive_delay_seconds: '120' });
});

test('given the alarms and the dashboard, then what they look at are the metrics, each of them and no others', () => {
  const figures = [COUNTERS, GAUGES, DISTRIBUTIONS].flatMap(Object.keys);
  const lookedAtBy = (text: string) => new Set(figures.filter((name) => new RegExp(`["' ]${name}["'\n]`).test(text)));
  const alarms = lookedAtBy(readFileSync('resources/alarms.yml', 'utf8'));
  expect(alarms).toEqual(ALARMED);
  const dashboard = lookedAtBy(readFileSync('resources/dashboard.yml', 'utf8'));
  expect(new Set([...dashboard].filter((name) => !ALARMED.has(name as never)))).toEqual(SHOWN);
});

describe('a busy environment', () => {
  const calls = (telemetry: ReturnType<typeof at>, n: number) =>
    printed(() => {
      for (let i = 0; i < n; i++) {
        telemetry.count('accepted', 10);
        telemetry.end();
      }
    });

  test('writes its first calls at once, then a line every ten seconds, and loses no count', () => {
    let nowMs = 0;
    const telemetry = at(() => nowMs);
    expect(calls(telemetry, 13)).toHaveLength(10);
    nowMs += 9_999;
    expect(calls(telemetry, 1)).toEqual([]);
    nowMs += 1;
    expect(calls(telemetry, 1)).toMatchObject([{ accepted: 50 }]);
    nowMs += 3_600_000;
    expect(calls(telemetry, 20)).toHaveLength(10);
  });

  test('keeps nothing back that an alarm waits for, nor what was measured', () => {
    const telemetry = at(() => 0);
    calls(telemetry, 11);
    const lines = printed(() => {
      telemetry.count('drift', 2);
      telemetry.count('drift', -2);
      telemetry.end();
      telemetry.gauge('horizon_lag_seconds', 1);
      telemetry.end();
    });
    expect(lines).toMatchObject([{ accepted: 10, drift: [2, -2] }, { horizon_lag_seconds: 1 }]);
  });
});
