// What one core does with a hit, step by step: CPU of bare loops that no design can do without, and of ingest without HTTP.
// EVENTS=200000 ROUNDS=5 npm run bench -- steps
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { alternate, bench, demand, median, sizeOf } from './support/bench.ts';
import { hitAt, lineOf } from './support/hits.ts';
import { ingestHere } from './support/ingest-here.ts';

const EVENTS = sizeOf('EVENTS', 200_000, 5_000);
const ROUNDS = sizeOf('ROUNDS', 5, 1);
const BODY = 500;

const lines = Array.from({ length: EVENTS }, (_, n) => lineOf(hitAt(n, EVENTS, Date.now() - 3_600_000, 3_600_000)));
const bodies = Array.from({ length: Math.ceil(EVENTS / BODY) }, (_, i) => Buffer.from(`${lines.slice(i * BODY, (i + 1) * BODY).join('\n')}\n`));
/** Microseconds of CPU an event, of all threads of this process. */
const cpuOf = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / EVENTS;
};

await bench(import.meta.url, {}, async () => {
  const temporary = temporaryFolder();
  const ingest = ingestHere(temporary.path);
  const zipped = bodies.map((body) => gzipSync(body, { level: 1 }));
  const steps = {
    'JSON.parse': () => cpuOf(() => demand('Parsed', lines.filter((line) => typeof JSON.parse(line) === 'object').length, EVENTS)),
    'gzip −1 of bodies of 500': () =>
      cpuOf(() => demand('Compressed', bodies.filter((body) => gzipSync(body, { level: 1 }).length < body.length).length, bodies.length)),
    'gunzip of the same': () =>
      cpuOf(() => demand('Inflated', zipped.filter((body, i) => gunzipSync(body).length === bodies[i]?.length).length, bodies.length)),
    'MD5 of one text': () =>
      cpuOf(() => demand('Hashed', lines.filter((line) => createHash('md5').update(line.slice(100, 112)).digest('hex').length === 32).length, EVENTS)),
    'ingest of bodies of 500, to durable, without HTTP': () =>
      cpuOf(async () => {
        for (const body of bodies) await ingest.post(body);
      }),
  };
  const raw = await alternate(ROUNDS, steps);
  await ingest.close();
  temporary.remove();
  return { figures: Object.entries(raw).map(([what, took]) => ({ what, value: median(took), unit: 'µs of CPU a hit' })), raw };
});
