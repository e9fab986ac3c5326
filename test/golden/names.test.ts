import { gunzipSync } from 'node:zlib';
import wikipedia from '../../pipeline.ts';
import * as epochs from '../../shared/log/epochs.ts';
import * as identity from '../../shared/log/identity.ts';
import { laneReader, lanesFor } from '../../shared/log/lane.ts';
import { notes } from '../../shared/log/notes.ts';
import { decodeRecord, encodeRecords, HEARTBEAT } from '../../shared/log/record.ts';
import { unitReader } from '../../shared/log/unit.ts';
import { hllCode } from '../../shared/measures/hyperloglog.ts';
import { bucketOf } from '../../shared/measures/quantiles.ts';
import type { Pipeline } from '../../shared/pipeline.ts';
import * as keys from '../../shared/storage/keys.ts';
import * as lake from '../../shared/storage/lake.ts';
import { expectGoldenJson } from '../support/golden.ts';
import orders from '../support/orders.ts';
import { itemsPipeline, pinnedEvents, pinnedPipeline } from './pipeline.ts';

const EPOCH = Date.parse('2026-11-21T10:00:00.000Z');
const HASH = { name: 'edits', hash: '0123456789ab' };
const ID = keys.metricId(HASH);

test('given the bundled pipelines, then their definition hashes are what they were: cells and views are found by them', () => {
  const hashes = (pipeline: Pipeline) => Object.fromEntries(Object.values(pipeline.metrics).map(({ name, hash }) => [name, hash]));
  expectGoldenJson('hashes.json', { wikipedia: hashes(wikipedia), orders: hashes(orders), pinned: hashes(pinnedPipeline), items: hashes(itemsPipeline) });
});

test('given sources and ids, then identities and lanes are what they were: stored ids rest on them', () => {
  const named: Readonly<Record<keyof typeof identity, unknown>> = {
    identityOf: [
      ['/a', 'b'],
      ['/ab', ''],
      ['', '/ab'],
      ['urn:ü', '😀'],
      ['/events/edit', 'feed-1:0'],
    ].map(([source = '', id = '']) => [source, id, identity.identityOf(source, id)]),
    laneOf: ['00000000ffffffff', 'ffffffff00000000', '89abcdef01234567'].map((one) => [
      one,
      identity.laneOf(one, 1),
      identity.laneOf(one, 4),
      identity.laneOf(one, 7),
    ]),
  };
  expectGoldenJson('identities.json', named);
});

test('given sources and ids, then their units, lanes and notes are what they were: stored notes rest on them', () => {
  const ids = [
    ['/events/edit', 'feed-1:0'],
    ['/events/edit', 'feed-1:1'],
    ['/events/edit', 'feed-1:3'],
    ['/events/edit', 'feed-1:511'],
    ['/events/edit', 'feed-1:512'],
    ['/s', 'a:0'],
    ['/s', 'a:1'],
    ['/s', 'a'],
    ['', 'urn:ü😀'],
  ].map(([source = '', id = '']) => ({ source, id }));
  const unitOf = unitReader();
  const units = ids.map(({ source, id }) => unitOf(source, id));
  const all = notes();
  for (const unit of units) all.add(unit, 1);
  expectGoldenJson('notes.json', {
    units,
    lanes: ids.map(({ source, id }) => [lanesFor(1), { count: 4_096, own: 16 }, { count: 8, own: null }].map((lanes) => laneReader(lanes)(source, id))),
    notes: all.encode().map((part) => part.toString('hex')),
  });
});

test('given texts and numbers, then their HyperLogLog codes and quantile buckets are what they were', () => {
  expectGoldenJson('codes.json', {
    hll: ['', 'a', 'true', '-1', 'é', '😀', 'user 17'].map((text) => [text, hllCode(text)]),
    buckets: [0, 1, -1, 1.02, 0.01, 50, 51, 2 ** 53 - 1, 1e22, 5e-324, 8e307].map((x) => [x, bucketOf(x)]),
  });
});

test('given everything that is stored in cells, then its keys are what they were', () => {
  const named: Readonly<Record<keyof typeof keys, unknown>> = {
    metricId: ID,
    progressKey: keys.progressKey('aggregate', 'shard-000000000001'),
    progressRange: keys.progressRange('archive'),
    readProgressSort: keys.readProgressSort(keys.progressKey('aggregate', 'shard-000000000001').sort),
    checkpointKey: keys.checkpointKey('archive', 'shard-000000000001'),
    indexedKey: keys.indexedKey,
    definitionKey: keys.definitionKey(ID),
    definitionsRange: keys.definitionsRange,
    sliceKey: keys.sliceKey(ID, EPOCH, 'shard-000000000001'),
    readSliceSort: keys.readSliceSort(keys.sliceKey(ID, EPOCH, 'shard-000000000001').sort),
    sliceBody: [false, true].map((expires) => Buffer.from(keys.sliceBody(expires)).toString()),
    sliceExpires: [false, true].map((expires) => keys.sliceExpires(keys.sliceBody(expires))),
    slicesFrom: keys.slicesFrom(ID, EPOCH),
    slicesBefore: keys.slicesBefore(ID, EPOCH),
    cellKey: keys.cellKey(ID, EPOCH, 'shard-000000000001', '2015-09-12T00:46', 1),
    bucketCellKey: [0, 1].map((bucket) => keys.bucketCellKey(ID, EPOCH, 'shard-000000000001', '2015-09-12T00:46', bucket)),
    cellPartKey: [0, 1].map((part) => keys.cellPartKey(keys.cellKey(ID, EPOCH, 'shard-000000000001', '2015-09-12T00:46', 1), part)),
    cellPartition: keys.cellPartition(ID, EPOCH, 'shard-000000000001'),
    isCellPartition: [keys.cellPartition(ID, EPOCH, 'shard-000000000001'), 'progress'].map(keys.isCellPartition),
    readCellPartition: keys.readCellPartition(keys.cellPartition(ID, EPOCH, 'shard-000000000001')),
    windowOfCell: keys.windowOfCell('2015-09-12T00:46#1'),
    bucketOfCell: ['2015-09-12T00:46#3', '2015-09-12T00:46#3#1'].map(keys.bucketOfCell),
    seenPartition: keys.seenPartition('aggregate', '3'),
    readSeenSort: keys.readSeenSort('20261121T100000Z#shard-000000000001#17-117#0'),
    notedKey: keys.notedKey('materialize', 'shard-000000000001', EPOCH, '17', '117', 0),
    readNotedSort: keys.readNotedSort(keys.notedKey('materialize', 'shard-000000000001', EPOCH, '17', '117', 0).sort),
    notedRange: [
      keys.notedRange('aggregate', 'shard-000000000001', EPOCH, EPOCH),
      keys.notedRange('aggregate', 'shard-000000000001', { upTo: '17', epochMs: EPOCH }, null),
      keys.notedRange('aggregate', 'shard-000000000001', { upTo: '17', epochMs: EPOCH }, { upTo: '117', epochMs: EPOCH }),
    ],
    shardOfNotes: keys.shardOfNotes(keys.notedKey('materialize', 'shard-000000000001', EPOCH, '17', '117', 0).partition),
    REPAIR_SHARD: keys.REPAIR_SHARD,
    shardOfDeadLetter: ['shard-1f2e3d4c-000000000001', 'shardId-000000000001'].map((shard) =>
      keys.shardOfDeadLetter(keys.deadLetterShard({ shard, first: '17', last: '117' })),
    ),
    pointerKey: keys.pointerKey,
    logOf: ['shard-000000000001', 'shard-1f2e3d4c-000000000001', 'shardId-000000000001'].map(keys.logOf),
    deadLetterShard: keys.deadLetterShard({ shard: 'shard-000000000001', first: '17', last: '117' }),
    isDeadLetterShard: ['shard-000000000001', 'letter-shard-000000000001-17-117'].map(keys.isDeadLetterShard),
  };
  expectGoldenJson('keys.json', named);
});

test('given everything that stands in the lake, then its paths are what they were', () => {
  const named: Readonly<Record<Exclude<keyof typeof lake, 'rawKeys'>, unknown>> = {
    rawPrefix: lake.rawPrefix(EPOCH),
    rawKey: lake.rawKey({ epochMs: EPOCH, shard: 'shard-000000000001', first: '17', last: '117', prev: '9', crc: 0xabcdef }),
    readRawKey: [
      'raw/epoch=20261121T100000Z/shard-000000000001-17-117-9-00abcdef.ndjson.gz',
      'raw/epoch=20261121T100000Z/shard-000000000001-17-117-17-00abcdef.ndjson.gz',
      'raw/epoch=20261121T100000Z/shard-000000000001-17-117.ndjson.gz',
      'raw/epoch=20261121T100000Z/shard-12345678-000000000001-17-12345678.ndjson.gz',
      'raw/epoch=20261121T100000Z/shardId-000000000000-000000017960278434810000000001-000000017960278434810000000097-000000017960278434810000000000-00abcdef.ndjson.gz',
      'raw/epoch=20261121T100000Z/other.gz',
    ].map(lake.readRawKey),
    DISCARDED: lake.DISCARDED,
    RESULT_ROOTS: lake.RESULT_ROOTS,
    partPrefix: lake.partPrefix('g000001'),
    repeatsPrefix: lake.repeatsPrefix('g000001'),
    tablePrefix: lake.tablePrefix('0123'),
    tableKey: lake.tableKey('0123'),
    typeDayPrefix: lake.typeDayPrefix({ run: 'g000001', type: 'edit', day: '2015-09-12' }),
    viewsRoot: lake.viewsRoot(ID)('g000001'),
    linkKey: lake.linkKey('edits', '1h'),
    manifestKey: lake.manifestKey('g000001'),
    journalKey: lake.journalKey('g000001'),
    quarantinePrefix: lake.quarantinePrefix('invalid', EPOCH),
    quarantineRoot: lake.quarantineRoot('invalid'),
    quarantineHour: lake.quarantineHour(EPOCH),
  };
  expectGoldenJson('lake.json', named);
});

test('given epochs, then their stamps sort as the epochs do, and read back', () => {
  const times = [
    '0001-01-01T00:00:00.000Z',
    '1969-12-31T23:59:59.000Z',
    '2015-09-12T00:00:00.000Z',
    '2026-11-21T10:00:01.000Z',
    '9999-12-31T23:59:59.000Z',
  ].map((one) => Date.parse(one));
  const stamps = times.map(epochs.stamp);
  expect(stamps).toEqual(['00010101T000000Z', '19691231T235959Z', '20150912T000000Z', '20261121T100001Z', '99991231T235959Z']);
  expect(stamps.map(epochs.unstamp)).toEqual(times);
});

test('given events, then a record is their lines as gzipped NDJSON, each ending with a newline', async () => {
  const lines = pinnedEvents.map((event) => JSON.stringify(event));
  const [record, ...others] = encodeRecords(lines);
  expect(others).toEqual([]);
  expect(gunzipSync(record as Uint8Array).toString()).toBe(`${lines.join('\n')}\n`);
  expect(decodeRecord(HEARTBEAT)).toEqual([]);
  expectGoldenJson('record.json', lines);
});
