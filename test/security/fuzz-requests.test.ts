import { gzipSync } from 'node:zlib';
import wikipedia from '../../pipeline.ts';
import { judgeAll } from '../../shared/ingest/accept.ts';
import { decodeRequest } from '../../shared/ingest/decode-request.ts';
import { elementPlaces } from '../../shared/ingest/json-places.ts';
import { encodeEntry, originalOf, QUARANTINE_ENTRY, quarantineEntry } from '../../shared/ingest/quarantine-entry.ts';
import { originalBytes } from '../../shared/ingest/submitted.ts';
import { LANES } from '../../shared/log/lane.ts';
import { decodeRecord, encodeRecords, type Line } from '../../shared/log/record.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import { edits, envelope, expecting, feed, isProblem, NOW, RUNS, text } from './fuzz.ts';

const textOf = (line: Line): string => (typeof line === 'string' ? line : `${line.head}${line.bytes.toString('utf8', line.start, line.end)}}`);

describe('a request', () => {
  const ports = { pipeline: wikipedia, lanes: { count: LANES, own: 16 }, clock: () => NOW };
  /** What was decoded is judged, and what is accepted or rejected can be stored and read again. */
  const takeIn = async (type: string | null, headers: Readonly<Record<string, string>>, body: Buffer): Promise<void> => {
    const events = [...(await decodeRequest({ type, schema: type === null ? null : (wikipedia.events[type]?.schema ?? null), headers, body }))];
    const { accepted, byLane, rejected } = judgeAll(ports, events);
    expecting(accepted + rejected.length === events.length, 'each event either taken or rejected', [accepted, rejected.length, events.length]);
    expecting([...byLane.values()].flat().length === accepted, 'a line for each', accepted);
    for (const [lane, spliced] of byLane) {
      const lines = spliced.map(textOf);
      expecting(Number.isInteger(lane) && lane >= 0 && lane < LANES, 'one of the lanes', lane);
      const again = encodeRecords(spliced).flatMap(decodeRecord);
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
    expecting(events.length <= 20_000, 'no more than are let in', events.length);
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
    const { taken } = await feed(corpus, (body) => takeIn(type, headers, body), isProblem(400, 413, 415));
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
      isProblem(400, 413, 415),
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
        const buffer = Buffer.from(written);
        const found = elementPlaces(buffer).map(({ start, end }): unknown => JSON.parse(buffer.toString('utf8', start, end)));
        expecting(JSON.stringify(found) === JSON.stringify(parsed), 'the elements', written);
      },
      (error) => error instanceof SyntaxError,
    );
  });
});
