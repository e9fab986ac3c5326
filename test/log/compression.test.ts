import { type Coding, compress, decompress, fastestCoding, ZstdMissingError } from '../../shared/log/compression.ts';
import { decodeRecord, encodeRecords } from '../../shared/log/record.ts';
import { random } from '../../testing/random.ts';
import { storedFile } from '../support/golden.ts';

const CODINGS: readonly Coding[] = fastestCoding() === 'zstd' ? ['gzip', 'zstd'] : ['gzip'];
const MAX_LOG = 25;

describe.each(CODINGS)('%s', (coding) => {
  test('given texts of any size, then they come back, from a part of a larger buffer too', () => {
    const { integer } = random(5);
    for (const length of [0, 1, 18, 1_000, 70_000, 3_000_000]) {
      const bytes = Buffer.from(Array.from({ length }, () => integer(32, 60)));
      const compressed = compress(bytes, coding);
      expect(decompress(compressed, MAX_LOG).equals(bytes)).toBe(true);
      const within = Buffer.concat([Buffer.from('abc'), compressed, Buffer.from('defg')]).subarray(3, 3 + compressed.length);
      expect(decompress(within, MAX_LOG).equals(bytes)).toBe(true);
    }
  });

  test('given one that is cut off, or has a changed byte, then it is an error, or harmless', () => {
    const text = Buffer.from(Array.from({ length: 2_000 }, (_, i) => `{"id":"${i}","n":${Math.sin(i)}}\n`).join(''));
    const whole = compress(text, coding);
    for (let cut = 1; cut < whole.length; cut += 101) expect(() => decompress(whole.subarray(0, whole.length - cut), MAX_LOG)).toThrow();
    const survived = [];
    for (let at = 0; at < whole.length; at += 97) {
      const harmed = Buffer.from(whole);
      harmed[at] = (harmed[at] as number) ^ 4;
      try {
        if (!decompress(harmed, MAX_LOG).equals(text)) survived.push(at);
      } catch {}
    }
    expect(survived).toEqual([]);
  });

  test('given one that inflates past the limit, then it is an error', () => {
    const bomb = compress(Buffer.alloc(2_000_000), coding);
    expect(() => decompress(bomb, 20)).toThrow(expect.objectContaining({ code: 'ERR_BUFFER_TOO_LARGE' }));
    expect(decompress(bomb, 21).length).toBe(2_000_000);
  });

  test('given lines, then a record of this coding has them, and says so by its first bytes', () => {
    const lines = ['{"a":1}', '{"b":"é"}'];
    const [record] = encodeRecords(lines, coding) as [Uint8Array];
    expect(decodeRecord(record)).toEqual(lines);
    expect(Buffer.from(record).toString('hex').slice(0, 8)).toBe(coding === 'zstd' ? '28b52ffd' : '1f8b0800');
  });
});

test('given a record that was stored with zstd, then its lines are read, or the error names what is needed', () => {
  const read = () => decodeRecord(storedFile('record.zst'));
  if (fastestCoding() === 'zstd') expect(read()).toEqual(decodeRecord(storedFile('record.gz')));
  else expect(read).toThrow(ZstdMissingError);
});
