import { gunzipSync, gzipSync } from 'node:zlib';
import wikipedia from '../../pipeline.ts';
import { decodeProgress, encodeProgress } from '../../shared/consume/progress.ts';
import { decodeCell, emptyCell, encodeCell, groupFor, readCell } from '../../shared/fold/cell.ts';
import { compileFold } from '../../shared/fold/metric.ts';
import { decodeRecord, encodeRecords } from '../../shared/log/record.ts';
import type { StoredEvent } from '../../shared/log/stored-event.ts';
import { random, seeds } from '../../testing/random.ts';
import { system } from '../support/system.ts';
import { edits, envelope, feed, NOW, RUNS, text } from './fuzz.ts';
import { mutate } from './mutate.ts';

describe('what is stored', () => {
  const ZLIB = /^Z_|^ERR_BUFFER_TOO_LARGE$/;
  const isDamage = (error: unknown) =>
    ZLIB.test((error as NodeJS.ErrnoException).code ?? '') || /^Expected (lines that end|well-formed UTF-8)/.test((error as Error).message);
  const lines = edits.map((_, i) => JSON.stringify({ ...envelope(i), specversion: undefined }));

  test('a record', async () => {
    const [record] = encodeRecords(lines);
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
        lane: '0',
        arrivedAtMs: NOW,
        data: r.chance(0.8) ? gzipSync(mutate([plain], r), { level: 1 }) : mutate([gzipSync(plain)], r),
      }));
      for (const consumer of ['aggregate', 'archive', 'materialize'] as const) {
        const { failedFrom } = await world.functions()[consumer]({ shard, records });
        expect([run, consumer, failedFrom, world.errors.at(-1)]).toEqual([run, consumer, null, undefined]);
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
    const progress = { upTo: '1', epochMs: 1, arrivedAtMs: 2, metrics: { 'edits@0123456789ab': { sinceMs: 0, untilMs: null } } };
    await feed(
      [text(progress), Buffer.from(encodeProgress(progress))],
      (bytes) => decodeProgress(bytes, '1'),
      (error) => typeof (error as Error).message === 'string',
    );
  });
});
