import { gunzipSync } from 'node:zlib';
import { announcedIn, announcement } from '../../shared/log/announcement.ts';
import { decodeRecord, encodeRecords, HEARTBEAT } from '../../shared/log/record.ts';

test.each([0, 1, 1_795_255_230_000, 2 ** 48 - 1])('given revision %i, then a record says it, and is a heartbeat to everybody else', (revision) => {
  const record = announcement(revision);
  expect(announcedIn(record)).toBe(revision);
  expect(announcedIn(Uint8Array.from([0, ...record]).subarray(1))).toBe(revision);
  expect(decodeRecord(record)).toEqual([]);
  expect(gunzipSync(record)).toHaveLength(0);
});

test('given any other record, then it announces nothing', () => {
  const other = Buffer.from(announcement(7));
  other.write('XX', 12, 'latin1');
  const records = [HEARTBEAT, ...encodeRecords(['{"a":1}']), Buffer.from('not gzip'), Buffer.alloc(0), announcement(7).subarray(0, 20), other];
  expect(records.map(announcedIn)).toEqual(records.map(() => null));
});

test('its form is pinned: logs hold it', () => {
  // gzip's header without the system that wrote it, the subfield TL of six bytes, and no content.
  const bytes = Buffer.from(announcement(0x0102_0304_0506));
  expect([bytes.subarray(0, 4).toString('hex'), bytes.subarray(10, 22).toString('hex')]).toEqual(['1f8b0804', '0a00544c0600060504030201']);
  expect(bytes.subarray(22).toString('hex')).toBe('03000000000000000000');
});
