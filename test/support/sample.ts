import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Answer, Host } from '../../testing/host.ts';
import { until } from './until.ts';

export interface Edit {
  readonly time: string;
  readonly channel: string;
  readonly namespace: string;
  readonly page: string;
  readonly user: string;
  readonly added: number;
  readonly deleted: number;
  readonly isRobot: boolean;
}
export const SAMPLE = join(process.cwd(), 'examples/wikipedia-edits-2015-09-12.ndjson.gz');
/** The bundled sample, read without any of the product's code. */
let read: readonly Edit[] | null = null;
export const sampleEdits = (): readonly Edit[] =>
  (read ??= gunzipSync(readFileSync(SAMPLE))
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Edit));

/** What `npm run feed` is given for the first edits of the sample: a file of their lines, or the sample itself if they are all. */
export const fedEdits = (edits: readonly Edit[], folder: string): string => {
  if (edits.length === sampleEdits().length) return 'sample';
  const file = join(folder, 'some-edits.ndjson');
  writeFileSync(file, edits.map((edit) => `${JSON.stringify(edit)}\n`).join(''));
  return file;
};

export const DAY = 'from=2015-09-12&to=2015-09-13';

/** Every shape of question; their rows must not depend on which layer answers. */
export const QUESTIONS: readonly string[] = [
  `/metrics/edits?${DAY}&every=all`,
  `/metrics/edits?${DAY}&every=all&by=channel&order=-edits&limit=20`,
  `/metrics/edits?${DAY}&every=1h`,
  `/metrics/edits?${DAY}&every=15m&by=robot&measures=edits,editors,size`,
  `/metrics/edits?${DAY}&every=1h&filter[channel]=%23en.wikipedia,%23vi.wikipedia&by=channel,namespace`,
  `/metrics/edits?${DAY}&every=1d&tz=America/New_York`,
  `/metrics/newcomers?${DAY}&every=all&by=country&order=-edits&limit=50`,
];
export const answersOf = async (host: Host): Promise<Answer[]> => {
  const answers = [];
  for (const question of QUESTIONS) answers.push(await host.get(question));
  return answers;
};

const MARKERS = 64;
/** Posts events on another day, with ids of their own, so that every shard gets some, and waits until they show: everything that was accepted before them is in the answers then. */
export const settle = async (host: Host, name: string): Promise<void> => {
  const [edit] = sampleEdits();
  const data = { ...edit, time: '2015-10-01T00:00:00.000Z', channel: name };
  const markers = Array.from({ length: MARKERS }, (_, i) => ({ specversion: '1.0', type: 'edit', source: '/markers', id: `${name} ${i}`, data }));
  const { status } = await host.post('/events', JSON.stringify(markers), { 'content-type': 'application/cloudevents-batch+json' });
  if (status !== 202) throw new Error(`Expected 202, got ${status}`);
  const query = `/metrics/edits?from=2015-10-01&to=2015-10-02&every=all&measures=edits&filter[channel]=${encodeURIComponent(name)}`;
  await until(async () => (await host.get(query)).json?.rows?.[0]?.edits === MARKERS);
};

/** Asks for a recompute, waits until it is published, and answers the generation as GET /generations lists it. */
export const recompute = async (host: Host) => {
  const requested = await host.post('/recompute', '');
  if (requested.status !== 202) throw new Error(`Expected 202, got ${requested.status}: ${requested.text}`);
  return until(async () => {
    const { generations } = (await host.get('/generations')).json;
    const generation = generations.find(({ id }) => id === requested.json.id);
    if (generation?.state === 'failed') throw new Error(`The recompute failed: ${generation.error}`);
    return generation?.state === 'published' ? generation : null;
  });
};
