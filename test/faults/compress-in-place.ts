import { Transform } from 'node:stream';
import * as zlib from 'node:zlib';

type Done = (error: Error | null, result?: Buffer) => void;
const inPlace = (work: (data: Uint8Array, options: object) => Buffer) => (data: Uint8Array, options: object | Done, then?: Done) => {
  const done = (typeof options === 'function' ? options : then) as Done;
  try {
    done(null, work(data, typeof options === 'function' ? {} : options));
  } catch (error) {
    done(error as Error);
  }
};

const streamInPlace = (options: object): Transform => {
  const chunks: Uint8Array[] = [];
  return new Transform({
    transform: (chunk: Uint8Array, _, done) => {
      chunks.push(chunk);
      done();
    },
    flush: (done) => done(null, zlib.gzipSync(Buffer.concat(chunks), options)),
  });
};

/** zlib without its threads, whose order no seed could repeat. */
export const zlibInPlace = (): object => ({ ...zlib, gzip: inPlace(zlib.gzipSync), gunzip: inPlace(zlib.gunzipSync), createGzip: streamInPlace });
