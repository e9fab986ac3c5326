import type { Context } from 'aws-lambda';
import { powertoolsTelemetry } from '../../shared/adapters/aws/powertools.ts';

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
const CONTEXT = { functionName: 'ingest', awsRequestId: 'request-1', memoryLimitInMB: '512', invokedFunctionArn: 'arn' } as Context;

test('given an invocation, then its logs name it, and its counters leave as one line of metrics of the stage', () => {
  const telemetry = powertoolsTelemetry({ service: 'twinstream-dev', level: 'info' });
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
      accepted: [3, 4],
      horizon_lag_seconds: 7_200,
      _aws: { CloudWatchMetrics: [{ Namespace: 'Twinstream', Dimensions: [['service']] }] },
    },
  ]);
});

test('given a count of nothing, then it is no metric, which would cost as much as one of a million; a measured 0 is one', () => {
  const telemetry = powertoolsTelemetry({ service: 'twinstream-dev', level: 'info' });
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
    const telemetry = powertoolsTelemetry({ service: 'twinstream-dev', level: 'warn' });
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
  const telemetry = powertoolsTelemetry({ service: 'twinstream-dev', level: 'error' });
  printed(() => {
    telemetry.count('accepted', 1);
    telemetry.end();
  });
  expect(printed(() => telemetry.end())).toEqual([]);
});
