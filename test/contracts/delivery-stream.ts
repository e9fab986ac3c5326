import { gzipSync } from 'node:zlib';
import { encodeEntry, type QuarantineEntry, quarantineEntry } from '../../shared/ingest/quarantine-entry.ts';
import type { Rejection } from '../../shared/ingest/submitted.ts';
import { REASONS } from '../../shared/ingest/submitted.ts';
import type { DeliveryStream } from '../../shared/ports/delivery-stream.ts';
import type { ObjectStore } from '../../shared/ports/object-store.ts';
import { quarantinePrefix } from '../../shared/storage/lake.ts';
import { quarantined } from '../support/quarantined.ts';
import { until } from '../support/until.ts';

export interface StreamAndLake {
  readonly stream: DeliveryStream;
  /** Where it delivers to, empty at first. */
  readonly lake: ObjectStore;
}

/** What every DeliveryStream promises, seen through the reader of the quarantine. */
export const describeDeliveryStream = (make: () => Promise<StreamAndLake>): void => {
  const entry = (reason: Rejection['reason'], body: string | Uint8Array, errors: Rejection['errors'] = [{ message: 'no' }]): QuarantineEntry =>
    quarantineEntry({ reason, errors }, Buffer.from(body), Date.now(), { type: null, headers: {}, fallbackId: null });
  const read = async (lake: ObjectStore, reasons: readonly string[], fromMs = Date.now() - 60_000) =>
    (await quarantined(lake, { fromMs, toMs: Date.now() + 60_000, reasons, path: null, code: null, limit: 10_000 })).events;
  const ids = (entries: readonly QuarantineEntry[]) => entries.map(({ id }) => id).sort();
  /** Delivery may take a while, and comes at least once. */
  const delivered = async (lake: ObjectStore, entries: readonly QuarantineEntry[], reasons: readonly string[] = REASONS) => {
    const found = await until(async () => {
      const some = new Map((await read(lake, reasons)).map((one) => [one.id, one]));
      return some.size >= entries.length ? [...some.values()] : null;
    });
    expect(ids(found)).toEqual(ids(entries));
    return found;
  };

  test('every record is found, whole, by its reason and time', async () => {
    const { stream, lake } = await make();
    const entries = REASONS.map((reason) => entry(reason, `{"text":"${reason}\\n é 😀"}`));
    await stream.deliver(entries.map(encodeEntry));
    const found = await delivered(lake, entries);
    expect(found.sort((a, b) => a.id.localeCompare(b.id))).toMatchObject([...entries].sort((a, b) => a.id.localeCompare(b.id)));
    for (const one of entries) expect(ids(await read(lake, [one.reason]))).toEqual([one.id]);
    expect(await read(lake, REASONS, Date.now() + 30_000)).toEqual([]);
  });

  test('more records than a request takes are all found', async () => {
    const { stream, lake } = await make();
    const entries = Array.from({ length: 1_100 }, (_, i) => entry('invalid', `{"i":${i}}`));
    await stream.deliver(entries.map(encodeEntry));
    await delivered(lake, entries, ['invalid']);
  });

  test('the largest records, and more of them than a request takes, are all found', async () => {
    const { stream, lake } = await make();
    const largest = 512 * 1024;
    const bodies = [new Uint8Array(largest).fill(0xff), '\u0001'.repeat(largest), '"'.repeat(largest), 'x'.repeat(largest), new Uint8Array(largest + 1)];
    const errors = Array.from({ length: 20 }, (_, index) => ({ index, path: 'p'.repeat(300_000), message: 'm'.repeat(300_000) }));
    const entries = [...bodies, ...bodies].map((body) => entry('too-large', body, errors));
    for (const one of entries) expect(encodeEntry(one).length).toBeLessThanOrEqual(1_000_000);
    await stream.deliver(entries.map(encodeEntry));
    const found = await delivered(lake, entries, ['too-large']);
    const byId = new Map(found.map((one) => [one.id, one]));
    for (const one of entries) expect(byId.get(one.id)?.body).toBe(one.body);
  });

  test('a file that is damaged is named, and all that was delivered is found beside it', async () => {
    const { stream, lake } = await make();
    const entries = [entry('invalid', '{"a":1}'), entry('invalid', '{"a":2}')];
    await stream.deliver(entries.map(encodeEntry));
    await delivered(lake, entries, ['invalid']);
    const files = { cut: gzipSync(encodeEntry(entry('invalid', '{"a":3}'))).subarray(0, 40), bad: Buffer.from('{"id":\n'), empty: Buffer.alloc(0) };
    for (const [name, bytes] of Object.entries(files)) await lake.put(`${quarantinePrefix('invalid', Date.now())}${name}`, bytes);
    const { events, damaged } = await quarantined(lake, {
      fromMs: Date.now() - 60_000,
      toMs: Date.now() + 60_000,
      reasons: ['invalid'],
      path: null,
      code: null,
      limit: 10_000,
    });
    expect(new Set(ids(events))).toEqual(new Set(ids(entries)));
    expect(damaged.map(({ file, lines }) => `${file.split('/').at(-1)} ${lines}`).sort()).toEqual(['bad 1', 'cut null', 'empty null']);
  });

  test('delivering nothing is nothing', async () => {
    const { stream, lake } = await make();
    await stream.deliver([]);
    expect(await read(lake, REASONS)).toEqual([]);
  });
};
