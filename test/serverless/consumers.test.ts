import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../../testing/temporary-folder.ts';
import { PROD, sls, templateOf, UNBUNDLED } from '../support/sls.ts';

// What a stage's settings change in the compiled template, and what they leave out.

const mappingOf = (packaged: Awaited<ReturnType<typeof templateOf>>, name: string) =>
  packaged.ofType('AWS::Lambda::EventSourceMapping').find(([id]) => id.startsWith(name))?.[1].Properties;

describe('given fanOut, ingestUrl and freshness', () => {
  let packaged: Awaited<ReturnType<typeof templateOf>>;
  beforeAll(async () => {
    packaged = await templateOf('prod', { fanOut: 'true', ingestUrl: 'true', freshness: '60' });
  });

  test.each(['Aggregate', 'Materialize'])('then %s reads the log as a consumer of its own, and may', (name) => {
    expect(mappingOf(packaged, name)).toMatchObject({ EventSourceArn: { Ref: `${name}Consumer` }, MaximumBatchingWindowInSeconds: 60 });
    expect(packaged.resources[`${name}Consumer`]).toMatchObject({
      Type: 'AWS::Kinesis::StreamConsumer',
      Properties: { StreamARN: { 'Fn::GetAtt': ['Log', 'Arn'] } },
    });
    expect(packaged.resources[`${name}ConsumerPolicy`]?.Properties).toMatchObject({
      Roles: [{ Ref: `${name}Role` }],
      PolicyDocument: { Statement: [{ Action: ['kinesis:SubscribeToShard', 'kinesis:DescribeStreamConsumer'], Resource: { Ref: `${name}Consumer` } }] },
    });
  });

  test('then archive shares the throughput of the shards, which nobody else needs', () => {
    expect(mappingOf(packaged, 'Archive')).toMatchObject({ EventSourceArn: { 'Fn::GetAtt': ['Log', 'Arn'] }, MaximumBatchingWindowInSeconds: 300 });
  });

  test('then ingest has a URL that anybody may call, since it checks tokens itself, and may list them', () => {
    expect(packaged.ofType('AWS::Lambda::Url').map(([, { Properties }]) => Properties)).toMatchObject([{ AuthType: 'NONE' }]);
    expect(packaged.resources.IngestTokens?.Properties).toMatchObject({
      Roles: [{ Ref: 'IngestRole' }],
      PolicyDocument: { Statement: [{ Action: 'ssm:GetParametersByPath' }] },
    });
    // The deploy prints it.
    const { Outputs } = JSON.parse(readFileSync(join(packaged.folder, 'cloudformation-template-update-stack.json'), 'utf8'));
    expect(Outputs).toHaveProperty('IngestLambdaFunctionUrl');
  });
});

describe('given no such setting', () => {
  test('then there is neither a consumer nor a URL', async () => {
    const packaged = await templateOf('dev', {});
    expect(packaged.ofType('AWS::Kinesis::StreamConsumer')).toEqual([]);
    expect(packaged.ofType('AWS::Lambda::Url')).toEqual([]);
    expect(packaged.resources).not.toHaveProperty('IngestTokens');
    expect(mappingOf(packaged, 'Aggregate')).toMatchObject({ EventSourceArn: { 'Fn::GetAtt': ['Log', 'Arn'] }, MaximumBatchingWindowInSeconds: 2 });
  });

  test("then Lambda's own lines are written in dev, and in prod only when something went wrong", async () => {
    for (const [packaged, SystemLogLevel] of [
      [await templateOf('dev', {}), 'INFO'],
      [await templateOf('prod', PROD), 'WARN'],
    ] as const)
      for (const [, { Properties }] of packaged.ofType('AWS::Lambda::Function'))
        expect(Properties).toMatchObject({ LoggingConfig: { LogFormat: 'JSON', SystemLogLevel } });
  });
});

describe('given a pipeline without entities', () => {
  const folder = temporaryFolder();
  afterAll(folder.remove);

  test('then nothing materializes any, and what archive and aggregate do is there as before', async () => {
    const [pipeline, into] = [join(folder.path, 'pipeline.ts'), join(folder.path, 'package')];
    writeFileSync(
      pipeline,
      `import { z } from 'zod';
       import { count, definePipeline, event, metric } from 'twinstream';
       const view = event(z.object({ page: z.string(), at: z.iso.datetime() }), { time: 'at' });
       export default definePipeline({ events: { view }, metrics: { views: metric(view, { window: '1m', measures: { views: count() } }) } });`,
    );
    await sls(['package', '--stage', 'dev', '--package', into], { ...UNBUNDLED, PIPELINE: pipeline });
    const { Resources } = JSON.parse(readFileSync(join(into, 'cloudformation-template-update-stack.json'), 'utf8'));
    const ids = Object.keys(Resources);
    expect(ids.filter((id) => id.startsWith('Materialize'))).toEqual(['MaterializeDeadLetters']);
    expect(ids).toEqual(expect.arrayContaining(['AggregateLambdaFunction', 'AggregateBehindAlarm', 'ArchiveRole']));
  });
});
