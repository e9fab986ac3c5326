import { readAwsSettings } from '../../shared/platforms/aws-settings.ts';
import { explainMemoryBytes, readSettings } from '../../shared/platforms/embedded-settings.ts';

const AWS = {
  SERVICE: 'twinstream-dev',
  LOG_STREAM: 'log',
  CELL_TABLE: 'cells',
  ENTITY_TABLE: 'entities',
  LAKE_BUCKET: 'lake',
  QUARANTINE_STREAM: 'quarantine',
  ATHENA_WORKGROUP: 'workgroup',
  GLUE_DATABASE: 'database',
  RECOMPUTE_FUNCTION: 'recompute',
  REINDEX_FUNCTION: 'reindex',
  AGGREGATE_DEAD_LETTERS: 'https://sqs.eu-central-1.amazonaws.com/000000000000/aggregate',
  ARCHIVE_DEAD_LETTERS: 'https://sqs.eu-central-1.amazonaws.com/000000000000/archive',
  MATERIALIZE_DEAD_LETTERS: 'https://sqs.eu-central-1.amazonaws.com/000000000000/materialize',
  TOKEN_PATH: '/twinstream/dev/tokens',
};

describe.each([
  ['one machine', readSettings, {}],
  ['AWS', readAwsSettings, AWS],
] as const)('the environment of %s', (_, read, env) => {
  test('says durations with their units', () => {
    expect(read({ ...env, EPOCH: '90s', DUPLICATE_WINDOW: '2h' })).toMatchObject({ epochLengthMs: 90_000, duplicateWindowMs: 7_200_000 });
  });

  test.each([
    ['EPOCH', '5', "EPOCH: Expected a duration from 1s up, such as 30s, 5m or 1h, got '5'"],
    ['EPOCH', '', "EPOCH: Expected a duration from 1s up, such as 30s, 5m or 1h, got ''"],
    ['EPOCH', '500ms', "EPOCH: Expected a duration from 1s up, such as 30s, 5m or 1h, got '500ms'"],
    ['EPOCH', '1500ms', "EPOCH: Expected whole seconds, got '1500ms'"],
    ['DUPLICATE_WINDOW', '-1h', "DUPLICATE_WINDOW: Expected a duration from 1s up, such as 30s, 5m or 1h, got '-1h'"],
    ['KEEP_GENERATIONS', '1', "KEEP_GENERATIONS: Expected a whole number from 2 to 1000, got '1'"],
    ['KEEP_GENERATIONS', '2.5', "KEEP_GENERATIONS: Expected a whole number from 2 to 1000, got '2.5'"],
    ['LOG_LEVEL', 'loud', "LOG_LEVEL: Expected debug, info, warn or error, got 'loud'"],
  ])('with %s=%s is refused, and says why', (name, value, message) => {
    expect(() => read({ ...env, [name]: value })).toThrow(new RangeError(message));
  });
});

test('one machine: all variables that are wrong are named at once', () => {
  expect(() => readSettings({ PORT: 'http', EPOCH: '1500ms', SHARDS: '0' })).toThrow(
    new RangeError(
      "EPOCH: Expected whole seconds, got '1500ms'\nSHARDS: Expected a whole number from 1 to 64, got '0'\nPORT: Expected a whole number from 0 to 65535, got 'http'",
    ),
  );
});

test('one machine: the data folder has a name', () => {
  expect(() => readSettings({ DATA_DIR: '' })).toThrow(new RangeError("DATA_DIR: Expected a folder's path, got ''"));
});

test('one machine: says sizes with their units', () => {
  expect(readSettings({}).keepLogBytes).toBe(2 ** 30);
  expect(readSettings({ KEEP_LOG: '20MB' }).keepLogBytes).toBe(20 * 2 ** 20);
  for (const text of ['1000', '1KB', '-1GB', 'GB', ''])
    expect(() => readSettings({ KEEP_LOG: text })).toThrow(new RangeError(`KEEP_LOG: Expected a size from 1MB up, such as 500MB or 2GB, got '${text}'`));
});

test.each([
  ['64MB', 64],
  ['256MB', 64],
  ['1GB', 256],
  ['2GB', 512],
  ['32GB', 512],
])('one machine: explaining a number takes a quarter of BATCH_MEMORY=%s, within its bounds: %i MB', (text, mb) => {
  expect(explainMemoryBytes(readSettings({ BATCH_MEMORY: text }))).toBe(mb * 2 ** 20);
});

test.each(Object.keys(AWS))('AWS: %s has no default', (name) => {
  expect(() => readAwsSettings({ ...AWS, [name]: undefined })).toThrow(new RangeError(`${name}: Expected it to be set, got nothing`));
});

describe('the search of a stage', () => {
  const at = { ...AWS, AWS_REGION: 'eu-central-1' };
  const endpoint = 'https://search.example.com';

  test('is none where nothing says where it is', () => {
    expect(readAwsSettings(AWS).search).toBeNull();
  });

  test('is an OpenSearch whose requests are signed, or have a name and password that stand in a parameter', () => {
    for (const service of ['es', 'aoss'])
      expect(readAwsSettings({ ...at, SEARCH_ENDPOINT: endpoint, SEARCH_SERVICE: service }).search).toEqual({
        endpoint,
        service,
        region: 'eu-central-1',
        credentials: null,
      });
    expect(readAwsSettings({ ...at, SEARCH_ENDPOINT: endpoint, SEARCH_SERVICE: 'basic', SEARCH_CREDENTIALS: '/a/b' }).search).toMatchObject({
      credentials: '/a/b',
    });
  });

  test.each([
    [{ SEARCH_ENDPOINT: '' }, 'SEARCH_ENDPOINT: Expected a URL that begins with https:// and has no password in it, got another text'],
    [{ SEARCH_ENDPOINT: 'http://a.b' }, 'SEARCH_ENDPOINT: Expected a URL that begins with https:// and has no password in it, got another text'],
    [{ SEARCH_ENDPOINT: 'https://name:secret@a.b' }, 'SEARCH_ENDPOINT: Expected a URL that begins with https:// and has no password in it, got another text'],
    [{ SEARCH_ENDPOINT: endpoint, SEARCH_SERVICE: 'none' }, "SEARCH_SERVICE: Expected es, aoss or basic, got 'none'"],
    [{ SEARCH_ENDPOINT: endpoint, SEARCH_SERVICE: 'basic' }, 'SEARCH_CREDENTIALS: Expected it to be set, got nothing'],
  ])('with %j is refused, and says why', (env, message) => {
    expect(() => readAwsSettings({ ...at, ...env })).toThrow(new RangeError(message));
  });
});
