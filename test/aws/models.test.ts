import pipeline from '#pipeline';
import { measure } from '../../cost/measure.ts';
import { modelReader } from './models/model.ts';
import { violationsOf } from './models/violations.ts';
import { compared } from './models/watched-clients.ts';
import { ministackEnvironment } from './servers/ministack.ts';

// AWS's own models of its services, against the requests that the product sends.

const modelOf = modelReader(await ministackEnvironment());
const check = (serviceId: string, operation: string, input: object) => violationsOf(modelOf(serviceId), operation, input);

describe('a request that a service would refuse, or not understand, is found out', () => {
  const record = { Data: new Uint8Array(10), PartitionKey: '0' };
  test.each<[string, [serviceId: string, operation: string, input: object], RegExp]>([
    ['no stream', ['Firehose', 'PutRecordBatch', { Records: [{ Data: new Uint8Array(1) }] }], /Expected the member DeliveryStreamName, got 'Records'/],
    ['a name that is not allowed', ['Kinesis', 'ListShards', { StreamName: 'my stream' }], /StreamName: Expected a text that matches .*, got 'my stream'/],
    [
      'a misspelt member',
      ['DynamoDB', 'PutItem', { TableName: 'cells', Item: {}, Conditions: 'a' }],
      /Expected one of the members .*ConditionExpression.*, got 'Conditions'/,
    ],
    [
      '501 records',
      ['Kinesis', 'PutRecords', { StreamName: 's', Records: Array.from({ length: 501 }, () => record) }],
      /Records: Expected items from 1 to 500, got 501/,
    ],
    ['no records', ['Kinesis', 'PutRecords', { StreamName: 's', Records: [] }], /Records: Expected items from 1 to 500, got 0/],
    [
      'a record of 11 MB',
      ['Kinesis', 'PutRecords', { StreamName: 's', Records: [{ ...record, Data: new Uint8Array(11 << 20) }] }],
      /Records\[0\]\.Data: Expected bytes from 0 to 10485760, got 11534336/,
    ],
    ['pages of 11', ['SSM', 'GetParametersByPath', { Path: '/a', MaxResults: 11 }], /MaxResults: Expected a number from 1 to 10, got 11/],
    [
      '101 keys',
      ['DynamoDB', 'BatchGetItem', { RequestItems: { t: { Keys: Array.from({ length: 101 }, () => ({ a: { S: 'a' } })) } } }],
      /Keys: Expected items from 1 to 100, got 101/,
    ],
    [
      'an unknown word',
      ['DynamoDB', 'UpdateItem', { TableName: 'cells', Key: {}, ReturnConsumedCapacity: 'ALL' }],
      /ReturnConsumedCapacity: Expected one of INDEXES, TOTAL, NONE, got 'ALL'/,
    ],
    ['a text for a number', ['SQS', 'ReceiveMessage', { QueueUrl: 'https://q', WaitTimeSeconds: '1' }], /WaitTimeSeconds: Expected a whole number, got '1'/],
    [
      'a number with a fraction',
      ['SQS', 'ReceiveMessage', { QueueUrl: 'https://q', WaitTimeSeconds: 0.5 }],
      /WaitTimeSeconds: Expected a whole number, got 0.5/,
    ],
    [
      'a token that is too short',
      ['Athena', 'StartQueryExecution', { QueryString: 'SELECT 1', ClientRequestToken: 'short' }],
      /ClientRequestToken: Expected characters from 32 to 128, got 5/,
    ],
    ['an operation that is none', ['Kinesis', 'PutRecordz', {}], /Expected an operation of the service, got PutRecordz/],
  ])('%s', (_, request, message) => {
    expect(check(...request)).toEqual([expect.stringMatching(message)]);
  });

  test('and one that it takes is not', () => {
    expect(check('Kinesis', 'PutRecords', { StreamName: 's', Records: [record], StreamARN: undefined })).toEqual([]);
    expect(check('S3', 'PutObject', { Bucket: 'lake', Key: 'raw/a', Body: Buffer.from('a') })).toEqual([]);
  });
});

test('given a load, then every request that the handlers send is one that its service takes', async () => {
  compared.clear();
  await measure(process.cwd(), {
    pipeline,
    rate: 20,
    batch: 10,
    region: 'us-east-1',
    stage: 'prod',
    params: { live: 'true' },
    followers: 1,
    ids: 'own',
    shards: 4,
    environments: 4,
    seconds: 30,
    seed: 1,
  });
  // Each of them is compared as in every test of this folder.
  expect([...compared]).toEqual(
    expect.arrayContaining([
      'ApiGatewayManagementApi.PostToConnection',
      'DynamoDB.BatchGetItem',
      'DynamoDB.PutItem',
      'DynamoDB.Query',
      'DynamoDB.UpdateItem',
      'Kinesis.ListShards',
      'Kinesis.PutRecords',
      'Lambda.Invoke',
      'S3.ListObjectsV2',
      'S3.PutObject',
      'SSM.GetParametersByPath',
    ]),
  );
});
