// npm run feed: sends the lines of a file or of standard input to a running Twinstream, each of them once.
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createGunzip } from 'node:zlib';
import pipeline from '#pipeline';
import { readSettings } from '../shared/platforms/embedded-settings.ts';
import { progressBar } from './progress-bar.ts';
import { sender } from './sender.ts';

const USAGE = `Usage: npm run feed -- SOURCE [--type TYPE] [--url URL] [--rate N]

  SOURCE   sample (39,244 edits of Wikipedia), a file of one JSON object a line (.gz too), or - for standard input
  --type   the event type, by default the pipeline's first (${Object.keys(pipeline.events).join(', ')})
  --url    by default http://127.0.0.1:8080, or the PORT of the environment
  --rate   events a second at most

A token goes in TWINSTREAM_TOKEN. A feed that was stopped goes on where it stood.`;

const BATCH_LINES = 500;
const MAX_BATCH_BYTES = 2_000_000;
const IN_FLIGHT = 4;

const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};

interface Source {
  readonly name: string;
  readonly path: string | null;
  /** Names the source for ever, so that the same lines sent again count once; null for standard input, which has no place to go on from. */
  readonly identity: string | null;
}
interface Batch {
  readonly fromLine: number;
  readonly lines: readonly string[];
  /** Compressed bytes of the source that were read when it was cut. */
  readonly bytesRead: number;
}

// What it keeps in the data folder is its user's alone.
process.umask(0o077);
const root = process.env.npm_config_local_prefix ?? process.cwd();
const here = process.env.INIT_CWD ?? process.cwd();

const sourceOf = (text: string): Source => {
  if (text === '-') return { name: 'standard input', path: null, identity: null };
  if (text === 'sample') return { name: 'sample', path: join(root, 'examples/wikipedia-edits-2015-09-12.ndjson.gz'), identity: 'sample' };
  const path = resolve(here, text);
  if (!existsSync(path)) return fail(`Expected a file, - or sample, found nothing at ${path}`);
  return { name: text, path, identity: path };
};

async function* batchesOf({ path }: Source, afterLine: number): AsyncGenerator<Batch> {
  const input = path === null ? process.stdin : createReadStream(path);
  let bytesRead = 0;
  input.on('data', (chunk: Buffer) => {
    bytesRead += chunk.length;
  });
  const text = path?.endsWith('.gz') ? input.pipe(createGunzip()) : input;
  let line = 0;
  let batch: string[] = [];
  let bytes = 0;
  const cut = (): Batch => {
    const result = { fromLine: line - batch.length, lines: batch, bytesRead };
    batch = [];
    bytes = 0;
    return result;
  };
  for await (const one of createInterface({ input: text, crlfDelay: Number.POSITIVE_INFINITY })) {
    line++;
    if (line <= afterLine) continue;
    batch.push(one);
    bytes += one.length;
    if (batch.length === BATCH_LINES || bytes >= MAX_BATCH_BYTES) yield cut();
  }
  if (batch.length > 0) yield cut();
}

const { values, positionals } = (() => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { type: { type: 'string' }, url: { type: 'string' }, rate: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${USAGE}`);
  }
})();
if (values.help || positionals.length !== 1) fail(USAGE);
const source = sourceOf(positionals[0] as string);
const type = values.type ?? Object.keys(pipeline.events)[0] ?? '';
const url = new URL(values.url ?? `http://127.0.0.1:${process.env.PORT ?? '8080'}`);
const rate = values.rate === undefined ? null : Number(values.rate);
if (rate !== null && !(rate > 0)) fail(`--rate: Expected a number of events a second above 0, got '${values.rate}'`);

// The place to go on from stands beside the data, until the source has been sent whole.
const sha = (...parts: readonly string[]) => createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 24);
const place = source.identity === null ? null : join(readSettings(process.env).dataDir, 'feed', `${sha(source.identity, type, url.href)}.json`);
const startLine = place !== null && existsSync(place) ? (JSON.parse(await readFile(place, 'utf8')) as { line: number }).line : 0;
/** One write at a time. */
let saving = Promise.resolve();
const savePlace = (line: number): Promise<void> => {
  if (place === null) return saving;
  saving = saving.then(async () => {
    await mkdir(dirname(place), { recursive: true });
    await writeFile(`${place}.part`, JSON.stringify({ source: source.name, line }));
    await rename(`${place}.part`, place);
  });
  return saving;
};
if (startLine > 0) console.log(`Going on after line ${startLine}, where an earlier feed of ${source.name} stopped.`);

const run = randomUUID();
const keyOf = ({ fromLine, lines }: Batch) =>
  source.identity === null ? `feed-${run}-${fromLine}` : `feed-${sha(source.identity, String(fromLine), ...lines)}`;
const send = sender({ url: new URL(`/events/${encodeURIComponent(type)}`, url), token: process.env.TWINSTREAM_TOKEN ?? null });
const bar = progressBar({ total: source.path === null ? null : statSync(source.path).size, terminal: process.stderr.isTTY === true });
const startedAt = performance.now();
let [accepted, rejected, sent] = [0, 0, 0];

/** Lines up to here are all acknowledged: what a later feed may skip. */
let contiguous = startLine;
const acknowledged = new Map<number, number>();
const acknowledge = async ({ fromLine, lines }: Batch) => {
  acknowledged.set(fromLine, fromLine + lines.length);
  for (let next = acknowledged.get(contiguous); next !== undefined; next = acknowledged.get(contiguous)) {
    acknowledged.delete(contiguous);
    contiguous = next;
  }
  await savePlace(contiguous);
};

const deliver = async (batch: Batch): Promise<void> => {
  const result = await send(`${batch.lines.join('\n')}\n`, keyOf(batch), (reason) => bar.note(`${reason}; trying again …`));
  accepted += result.accepted;
  rejected += result.rejected;
  for (const { index, path, message } of result.errors.slice(0, rejected > 20 ? 0 : 3))
    bar.note(`line ${batch.fromLine + (index ?? 0) + 1}${path === undefined ? '' : `, ${path}`}: ${message}`);
  await acknowledge(batch);
  bar.update(batch.bytesRead, accepted + rejected);
};

try {
  const inFlight = new Set<Promise<void>>();
  for await (const batch of batchesOf(source, startLine)) {
    if (rate !== null) {
      const due = (sent / rate) * 1_000 - (performance.now() - startedAt);
      if (due > 0) await new Promise((next) => setTimeout(next, due));
    }
    sent += batch.lines.length;
    const delivery = deliver(batch).finally(() => inFlight.delete(delivery));
    inFlight.add(delivery);
    if (inFlight.size >= IN_FLIGHT) await Promise.race(inFlight);
  }
  await Promise.all(inFlight);
} catch (error) {
  bar.end();
  fail((error as Error).message);
}
bar.end();
if (place !== null) await rm(place, { force: true });
const seconds = (performance.now() - startedAt) / 1_000;
console.log(
  `${accepted.toLocaleString('en-US')} events accepted, ${rejected.toLocaleString('en-US')} rejected, in ${seconds.toFixed(1)} s (${Math.round((accepted + rejected) / seconds).toLocaleString('en-US')} a second).`,
);
if (rejected > 0) console.log(`GET ${url.origin}/quarantine tells why events were rejected.`);
if (source.identity === 'sample' && values.type === undefined)
  console.log(`Answers hold them within a second or two: curl -g '${url.origin}/metrics/edits?from=2015-09-12&to=2015-09-13&every=all'`);
