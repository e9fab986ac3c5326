import { createReadStream, existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { fail } from '../command.ts';

export interface Source {
  readonly name: string;
  readonly path: string | null;
  /** Identifies the source for good, so that the same lines, sent again, count once; null for standard input, which cannot be resumed. */
  readonly identity: string | null;
}
export interface Batch {
  readonly fromLine: number;
  readonly lines: readonly string[];
  /** The header line of CSV, if it is not among the lines. */
  readonly header: string | null;
  /** Compressed bytes of the source that were read when it was cut. */
  readonly bytesRead: number;
}
const BATCH_LINES = 500;
const MAX_BATCH_BYTES = 2_000_000;

/** The root of Twinstream's own repository, or of the user's. */
const SAMPLES = ['examples/wikipedia-edits-2015-09-12.ndjson.gz', 'sample.ndjson.gz', 'sample.ndjson'];

export const sourceOf = (text: string): Source => {
  if (text === '-') return { name: 'standard input', path: null, identity: null };
  if (text === 'sample') {
    const root = process.env.npm_config_local_prefix ?? process.cwd();
    const path = SAMPLES.map((name) => resolve(root, name)).find(existsSync);
    return { name: 'sample', path: path ?? fail(`Expected a sample, found no sample.ndjson in ${root}`), identity: 'sample' };
  }
  const path = resolve(process.env.INIT_CWD ?? '.', text);
  if (!existsSync(path)) return fail(`Expected a file, - or sample, found nothing at ${path}`);
  return { name: text, path, identity: path };
};

/** Whether a source is CSV, by its name; anything else is an object a line. */
export const isCsv = ({ path }: Source): boolean => /\.csv(\.gz)?$/i.test(path ?? '');

/** Its lines after a given one, in batches; for CSV, whose cells may span lines, whole rows. */
export async function* batchesOf(source: Source, afterLine: number): AsyncGenerator<Batch> {
  const { path } = source;
  const hasHeader = isCsv(source);
  const input = path === null ? process.stdin : createReadStream(path);
  let bytesRead = 0;
  input.on('data', (chunk: Buffer) => {
    bytesRead += chunk.length;
  });
  const text = path?.endsWith('.gz') ? input.pipe(createGunzip()) : input;
  let line = 0;
  let batch: string[] = [];
  let bytes = 0;
  let header: string | null = null;
  /** Of the row so far. */
  let quotes = 0;
  const cut = (): Batch => {
    const result = { fromLine: line - batch.length, lines: batch, header: line === batch.length ? null : header, bytesRead };
    batch = [];
    bytes = 0;
    return result;
  };
  for await (const one of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (hasHeader && line === 1) header = one;
    if (line <= afterLine) continue;
    batch.push(one);
    bytes += one.length;
    if (hasHeader) quotes += one.split('"').length - 1;
    if (quotes % 2 === 0 && (batch.length >= BATCH_LINES || bytes >= MAX_BATCH_BYTES)) yield cut();
  }
  if (batch.length > 0) yield cut();
}
