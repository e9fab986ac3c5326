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

/** zlib without its threads, whose order no seed could repeat. */
export const zlibInPlace = (): object => ({ ...zlib, gzip: inPlace(zlib.gzipSync), gunzip: inPlace(zlib.gunzipSync) });
