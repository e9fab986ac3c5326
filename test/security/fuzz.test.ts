import { gunzipSync, gzipSync } from 'node:zlib';
import wikipedia from '../../pipeline.ts';
import { kinesisEvent } from '../../shared/adapters/kinesis-event.ts';
import { decodeCell, emptyCell, encodeCell, groupFor, readCell } from '../../shared/domain/cell.ts';
import type { StoredEvent } from '../../shared/domain/event.ts';
import { compileFold } from '../../shared/domain/metric.ts';
import { decodeRecord, encodeRecords } from '../../shared/domain/record.ts';
import { canonicalTime, MAX_MS, MIN_MS, parseTime } from '../../shared/domain/times.ts';
import { Problem } from '../../shared/http/problem.ts';
import { judgeAll } from '../../shared/ingest/accept.ts';
import { decodeRequest } from '../../shared/ingest/decode-request.ts';
import { elementsOf } from '../../shared/ingest/json-text.ts';
import { encodeEntry, originalOf, QUARANTINE_ENTRY, quarantineEntry } from '../../shared/ingest/quarantine-entry.ts';
import { originalBytes } from '../../shared/ingest/submitted.ts';
import { calendar } from '../../shared/query/calendar.ts';
import { parseParameters, parseQuery, timeOf } from '../../shared/query/query.ts';
import { parseSelection } from '../../shared/query/selection.ts';
import { decodePlace, encodePlace } from '../../shared/search/cursor.ts';
import { parseQuestion } from '../../shared/search/question.ts';
import { schemaOf } from '../../shared/search/schema.ts';
import { decodeProgress } from '../../shared/speed/shard-batch.ts';
import { type Random, random, seeds } from '../support/random.ts';
import { sampleEdits } from '../support/sample.ts';
import { system } from '../support/system.ts';
import { mutate } from './mutate.ts';

// Every reader of bytes that come from outside, fed with valid input that was changed a little, and with random bytes. Only
// the errors that its docstring names may leave it, and what it takes must be sound. `FUZZ=1000000 npm test -- test/security/fuzz`
// runs all night; SEED tries a failed one again.

const RUNS = Number(process.env.FUZZ ?? 2_000);
const NOW = Date.parse('2026-11-21T10:00:30Z');
const edits = sampleEdits().slice(0, 12);
const text = (value: unknown) => Buffer.from(JSON.stringify(value));
const envelope = (i: number) => ({
  specversion: '1.0',
  id: `e${i}`,
  source: '/fuzz',
  type: 'edit',
  subject: 's',
  time: '2015-09-12T00:00:00.000Z',
  traceparent: '00-ab',
  data: edits[i],
});

/** Feeds a reader; whatever it throws must be allowed. Prints what came in when it is not. */
const feed = async (
  corpus: readonly Buffer[],
  read: (bytes: Buffer, r: Random) => unknown,
  isAllowed: (error: unknown) => boolean,
): Promise<{ taken: number }> => {
  let taken = 0;
  for (const seed of seeds(1)) {
    const r = random(seed);
    for (let run = 0; run < RUNS; run++) {
      const bytes = mutate(corpus, r);
      try {
        await read(bytes, r);
        taken++;
      } catch (error) {
        if (!isAllowed(error))
          throw new Error(`Seed ${seed}, run ${run}: ${(error as Error).stack}\nInput in base64: ${bytes.toString('base64').slice(0, 4_000)}`, {
            cause: error,
          });
      }
    }
  }
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
  return { taken };
};
const isProblem =
  (...statuses: readonly number[]) =>
  (error: unknown) =>
    error instanceof Problem && statuses.includes(error.status);
const never = () => false;
const expecting = (condition: boolean, what: string, got: unknown): void => {
  if (!condition) throw new RangeError(`Expected ${what}, got ${JSON.stringify(got)?.slice(0, 1_000)}`);
};

describe('a request', () => {
  const ports = { pipeline: wikipedia, lanes: 4, clock: () => NOW };
  /** What was decoded is judged, and what is accepted or rejected can be stored and read again. */
  const takeIn = async (type: string | null, headers: Readonly<Record<string, string>>, body: Buffer): Promise<void> => {
    const events = await decodeRequest({ type, headers, body });
    const { byLane, rejected } = judgeAll(ports, events);
    for (const [lane, lines] of byLane) {
      expecting(lane >= 0 && lane < 4, 'one of four lanes', lane);
      const again = (await encodeRecords(lines)).flatMap(decodeRecord);
      expecting(JSON.stringify(again) === JSON.stringify(lines), 'the very lines', [lines, again]);
      for (const line of lines) {
        const { id, source, type: named, time, data } = JSON.parse(line) as StoredEvent;
        const isSound =
          id !== '' && source !== '' && named === 'edit' && new Date(time).toISOString() === time && typeof data === 'object' && !line.includes('\n');
        expecting(isSound, 'an event that both layers can read', line);
      }
    }
    for (const { event, rejection } of rejected) {
      const entry = quarantineEntry(rejection, originalBytes(event), NOW, { type, headers: {}, fallbackId: event.fallbackId });
      const stored = QUARANTINE_ENTRY.parse(JSON.parse(Buffer.from(encodeEntry(entry)).toString()));
      expecting(stored.truncated || originalOf(stored).equals(Buffer.from(originalBytes(event))), 'the original bytes', entry);
      expecting(encodeEntry(entry).length <= 1_000_000, 'an entry that fits', encodeEntry(entry).length);
    }
    expecting(events.length <= 20_000 && rejected.length <= events.length, 'no more than came', events.length);
  };
  const structured = [
    text(envelope(0)),
    text({ ...envelope(1), data: undefined, data_base64: text(edits[1]).toString('base64') }),
    text({ ...envelope(2), time: undefined }),
  ];
  const ndjson = Buffer.from(edits.map((edit) => JSON.stringify(edit)).join('\n'));
  test.each<[string, string | null, Record<string, string>, readonly Buffer[]]>([
    ['a CloudEvent', null, { 'content-type': 'application/cloudevents+json' }, structured],
    ['a batch of CloudEvents', null, { 'content-type': 'application/cloudevents-batch+json' }, [text(edits.slice(0, 4).map((_, i) => envelope(i)))]],
    [
      'a CloudEvent in binary mode',
      null,
      { 'content-type': 'application/json', 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 'edit' },
      edits.map(text),
    ],
    ['an object', 'edit', { 'content-type': 'application/json' }, edits.map(text)],
    ['an array', 'edit', { 'content-type': 'application/json' }, [text(edits.slice(0, 5)), Buffer.from(JSON.stringify(edits.slice(0, 3), null, 2))]],
    ['NDJSON', 'edit', { 'content-type': 'application/x-ndjson', 'idempotency-key': 'k' }, [ndjson]],
    [
      'gzip',
      'edit',
      { 'content-type': 'application/x-ndjson', 'content-encoding': 'gzip' },
      [gzipSync(ndjson), Buffer.concat([gzipSync(ndjson), gzipSync(ndjson)])],
    ],
  ])('%s', async (_, type, headers, corpus) => {
    const { taken } = await feed(corpus, (body) => takeIn(type, headers, body), isProblem(400, 413));
    expect(taken).toBeGreaterThan(headers['content-encoding'] === undefined ? RUNS / 20 : 0);
  });

  test('the headers of a CloudEvent in binary mode, and those that say how to read it', async () => {
    const names = [
      'content-type',
      'content-encoding',
      'idempotency-key',
      'ce-id',
      'ce-source',
      'ce-type',
      'ce-time',
      'ce-subject',
      'ce-specversion',
      'ce-data',
      'ce-__proto__',
      'ce-constructor',
    ];
    const values = ['application/json', 'gzip', 'k', '1', '/s', 'edit', '2015-09-12T00:00:00Z', '%E2%82%AC', '1.0', '{}', 'x'.repeat(300)].map((value) =>
      Buffer.from(value),
    );
    const body = text(edits[0]);
    await feed(
      values,
      (value, r) =>
        takeIn(
          r.chance(0.5) ? null : 'edit',
          { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 'edit', [r.pick(names)]: value.toString('latin1') },
          body,
        ),
      isProblem(400, 413),
    );
  });

  test('the elements of an array are found in its text as JSON.parse finds them', async () => {
    const corpus = [text(edits.slice(0, 3)), Buffer.from('[1, "a]\\"", [2,[ ]], {"b": "}" } ,null, "\\\\"]')];
    await feed(
      corpus,
      (bytes) => {
        const written = bytes.toString();
        const parsed: unknown = JSON.parse(written);
        if (!Array.isArray(parsed) || parsed.length === 0) return;
        expecting(JSON.stringify(elementsOf(written).map((one) => JSON.parse(one))) === JSON.stringify(parsed), 'the elements', written);
      },
      (error) => error instanceof SyntaxError,
    );
  });
});

describe('what is stored', () => {
  const ZLIB = /^Z_|^ERR_BUFFER_TOO_LARGE$/;
  const isDamage = (error: unknown) =>
    ZLIB.test((error as NodeJS.ErrnoException).code ?? '') || /^Expected (lines that end|well-formed UTF-8)/.test((error as Error).message);
  const lines = edits.map((_, i) => JSON.stringify({ ...envelope(i), specversion: undefined }));

  test('a record', async () => {
    const [record] = await encodeRecords(lines);
    await feed([Buffer.from(record as Uint8Array)], (bytes) => decodeRecord(bytes), isDamage);
    const plain = Buffer.from(`${lines.join('\n')}\n`);
    const { taken } = await feed([plain], (bytes) => decodeRecord(gzipSync(bytes, { level: 1 })), isDamage);
    expect(taken).toBeGreaterThan(RUNS / 20);
  });

  test('a record of any bytes stalls no consumer: what can be read counts, the rest is in quarantine', async () => {
    const world = await system({ pipeline: wikipedia, shards: 1, startMs: NOW });
    const [{ id: shard } = { id: '' }] = await world.log.shards();
    const plain = Buffer.from(`${lines.join('\n')}\n`);
    let sequence = 0;
    const runs = Math.ceil(RUNS / 20);
    const r = random(seeds(1)[0] as number);
    for (let run = 0; run < runs; run++) {
      const records = Array.from({ length: 10 }, () => ({
        sequenceNumber: String(++sequence),
        partitionKey: '0',
        arrivedAtMs: NOW,
        data: r.chance(0.8) ? gzipSync(mutate([plain], r), { level: 1 }) : mutate([gzipSync(plain)], r),
      }));
      for (const consumer of ['aggregate', 'archive', 'materialize'] as const) {
        const { batchItemFailures } = await world.functions()[consumer](kinesisEvent(shard, records));
        expect([run, consumer, batchItemFailures, world.errors.at(-1)]).toEqual([run, consumer, [], undefined]);
      }
    }
    expect(world.counters.get('rejected_records')).toBeGreaterThan(runs);
    expect(world.counters.get('folded')).toBeGreaterThan(0);
    await world.close();
  });

  test('a cell', async () => {
    const [metric] = Object.values(wikipedia.metrics);
    const fold = compileFold((metric as (typeof wikipedia.metrics)[string]).definition);
    const cell = emptyCell();
    for (const line of lines) {
      const event = JSON.parse(line) as StoredEvent;
      fold.add(groupFor(fold, cell, fold.key(event)), event);
    }
    const body = Buffer.from(encodeCell(fold, cell));
    const corpus = [body, body[0] === 0x1f ? gunzipSync(body) : gzipSync(body)];
    await feed(
      corpus,
      (bytes) => [readCell(bytes), decodeCell(fold, bytes)],
      (error) => typeof (error as Error).message === 'string',
    );
  });

  test('progress', async () => {
    const corpus = [text({ epochMs: 1, arrivedAtMs: 2, metrics: { 'edits@0123456789ab': { sinceMs: 0, untilMs: null } } })];
    await feed(
      corpus,
      (bytes) => decodeProgress(bytes, '1'),
      (error) => error instanceof SyntaxError,
    );
  });
});

describe('a question', () => {
  const queries = [
    'from=2015-09-12&to=2015-09-13&every=1h&by=channel,robot&filter[channel]=%23en.wikipedia,a%2Cb&measures=edits,size&order=-edits&limit=10&tz=Europe/Berlin',
    'from=-24h&to=now&every=all&filter[robot]=true&filter[namespace]=Main',
    'from=2015-09-12T10:00:00%2B02:00&every=1mo&tz=America/New_York&definition=0123456789ab',
  ].map((query) => Buffer.from(query));
  const definition = (wikipedia.metrics.edits as (typeof wikipedia.metrics)[string]).definition;

  test('to a metric', async () => {
    const { taken } = await feed(
      queries,
      (bytes) => {
        const query = parseQuery(parseParameters(bytes.toString()), definition, NOW);
        const isSound = query.fromMs <= query.toMs && query.fromMs >= MIN_MS - 60_000 && query.toMs <= MAX_MS + 1 && (query.limit ?? 1) >= 1;
        expecting(isSound && query.by.every((i) => i >= 0) && query.measures.every((i) => i >= 0), 'a sound query', query);
      },
      isProblem(400),
    );
    expect(taken).toBeGreaterThan(RUNS / 50);
  });

  test('to the quarantine', async () => {
    const corpus = ['from=-1d&to=now&reason=invalid,time&limit=10', 'limit=1000&reason=malformed'].map((query) => Buffer.from(query));
    await feed(corpus, (bytes) => expecting(parseSelection(parseParameters(bytes.toString()), NOW).limit <= 1_000, 'at most 1,000', bytes), isProblem(400));
  });

  const page = wikipedia.entities.page as (typeof wikipedia.entities)[string];
  test('to a search', async () => {
    const corpus = [
      'q=wikipedia+"administrators+noticeboard"+caf%C3%A9&filter[edits]=10..100&order=-edits&limit=5',
      'q=%E6%97%A5%E6%9C%AC&filter[lastEdit]=2015-09-12..&filter[channel]=a,b',
    ].map((query) => Buffer.from(query));
    const { taken } = await feed(
      corpus,
      (bytes) => {
        const { terms, limit } = parseQuestion(parseParameters(bytes.toString()), schemaOf(page), NOW);
        expecting(limit <= 1_000 && (terms ?? []).length <= 32, 'a bounded question', bytes.toString());
      },
      isProblem(400),
    );
    expect(taken).toBeGreaterThan(RUNS / 50);
  });

  test('that goes on from a cursor', async () => {
    const corpus = [encodePlace({ value: 1.5, key: 'a' }, 'id'), encodePlace({ value: null, key: 'ü' }, 'id')].map((cursor) => Buffer.from(cursor));
    await feed(
      corpus,
      (bytes, r) => {
        const { value, key } = decodePlace(bytes.toString(), 'id', r.pick(['relevance', 'key', 'field'] as const));
        expecting(typeof key === 'string' && (value === null || Number.isFinite(value)), 'a place', [value, key]);
      },
      isProblem(400),
    );
  });

  test('that names a time', async () => {
    const corpus = ['2015-09-12T00:46:58.771Z', '2015-09-12', '-24h', 'now', '2015-09-12T10:00', '1969-12-31T23:59:59,5+14:00', '0001-01-01T00:00:00Z'].map(
      (time) => Buffer.from(time),
    );
    await feed(
      corpus,
      (bytes) => {
        const written = bytes.toString();
        const ms = parseTime(written);
        expecting(ms === null || (ms >= MIN_MS && ms <= MAX_MS), 'a time within four digits of years', ms);
        const once = canonicalTime(written);
        expecting(once === null || canonicalTime(once.text)?.text === once.text, 'one form', once);
      },
      never,
    );
    await feed(
      corpus,
      (bytes, r) => expecting(Number.isFinite(timeOf('from', bytes.toString(), calendar(r.pick(['UTC', 'Asia/Kathmandu'])), NOW)), 'a time', bytes.toString()),
      isProblem(400),
    );
  });
});
