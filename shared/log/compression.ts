import zlib from 'node:zlib';

/** How records are compressed. A compressed one begins with bytes that say which it is. */
export type Coding = 'gzip' | 'zstd';

/** Node.js has zstd from 22.15 on; the types of older versions do not know it. */
const { zstdCompressSync, zstdDecompressSync } = zlib as {
  readonly zstdCompressSync?: typeof zlib.brotliCompressSync;
  readonly zstdDecompressSync?: typeof zlib.brotliDecompressSync;
};

/** zstd takes half the CPU time of gzip for event JSON, and as many bytes. */
export const fastestCoding = (): Coding => (zstdCompressSync === undefined ? 'gzip' : 'zstd');

/** Data is compressed with zstd, which this Node.js does not have. The data is intact, and must not be dropped. */
export class ZstdMissingError extends RangeError {
  override readonly name = 'ZstdMissingError';
  constructor() {
    super(`Expected Node.js 22.15 or newer, since records are compressed with zstd, got ${process.version}. They are intact: start it with a newer one.`);
  }
}

/** Level 3 costs no more time than 1 on event JSON, and saves a tenth of the bytes. */
const GZIP_LEVEL = 3;
/** Parameters of zstd.h. The checksum detects damage, as that of gzip does. */
const ZSTD = { level: 100, checksum: 201, windowLogMax: 100 } as const;
const ZSTD_MAGIC = 0xfd2fb528;
/** Bounds of the output's chunks. One chunk that holds everything saves joining several; a small one is cheap to allocate. */
const CHUNK_BYTES = { least: 1_024, most: 1_048_576 } as const;
const chunkFor = (bytes: number): number => Math.min(CHUNK_BYTES.most, Math.max(CHUNK_BYTES.least, bytes));

export const compress = (bytes: Uint8Array, coding: Coding): Buffer => {
  const chunkSize = chunkFor(bytes.length >> 2);
  if (coding === 'gzip') return zlib.gzipSync(bytes, { level: GZIP_LEVEL, chunkSize });
  if (zstdCompressSync === undefined) throw new ZstdMissingError();
  return zstdCompressSync(bytes, { params: { [ZSTD.level]: 1, [ZSTD.checksum]: 1 }, chunkSize });
};

/** @throws {ZstdMissingError}, and other errors if it is neither, is damaged, or inflates past 2^maxLog bytes. */
export const decompress = (data: Uint8Array, maxLog: number): Buffer => {
  const maxOutputLength = 2 ** maxLog;
  if (wordAt(data, 0) !== ZSTD_MAGIC) return zlib.gunzipSync(data, { maxOutputLength, chunkSize: chunkFor(saidBytes(data) + 1) });
  if (zstdDecompressSync === undefined) throw new ZstdMissingError();
  return zstdDecompressSync(data, { maxOutputLength, chunkSize: chunkFor(data.length * USUAL_RATIO), params: { [ZSTD.windowLogMax]: maxLog } });
};
const USUAL_RATIO = 10;

/** The inflated size that the end of gzip data states (RFC 1952, section 2.3.1): only a hint. */
const saidBytes = (data: Uint8Array): number => wordAt(data, data.length - 4);
const wordAt = (data: Uint8Array, at: number): number =>
  at < 0 || data.length < at + 4 ? 0 : new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(at, true);
