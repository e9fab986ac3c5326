// Sends the lines of a file or of standard input to a running Twinstream, each exactly once.
import { createHash, randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import pipeline from '#pipeline';
import { readSettings } from '../shared/platforms/embedded-settings.ts';
import { command, fail, PIPELINE_OPTION, typed } from './command.ts';
import { position } from './feed/position.ts';
import { progressBar } from './feed/progress-bar.ts';
import { type Sent, sender } from './feed/sender.ts';
import { type Batch, batchesOf, isCsv, type Source, sourceOf } from './feed/source.ts';

const USAGE = `Usage: ${typed('feed')} SOURCE [--type TYPE] [--url URL] [--rate N]

  SOURCE   sample (39,244 edits of Wikipedia; in your own repository sample.ndjson), a file of one JSON object a line or of
           CSV (.csv) with a first line of names (.gz too), or - for standard input
  --type   the event type, by default the pipeline's first (${Object.keys(pipeline.events).join(', ')})
  --url    by default http://127.0.0.1:8080, or the PORT of the environment
  --rate   events a second at most

A token goes in TWINSTREAM_TOKEN. A feed that was stopped continues where it stopped.`;

const IN_FLIGHT = 4;

export const feed = command({
  usage: USAGE,
  options: { type: { type: 'string' }, url: { type: 'string' }, rate: { type: 'string' }, ...PIPELINE_OPTION },
  run: async ({ values, positionals }) => {
    if (positionals.length !== 1) fail(USAGE);
    const rate = values.rate === undefined ? null : Number(values.rate);
    if (rate !== null && !(rate > 0)) fail(`--rate: Expected a number of events a second above 0, got '${values.rate}'`);
    // Its files in the data folder are private to its user.
    process.umask(0o077);
    const source = sourceOf(positionals[0] as string);
    const url = new URL(values.url ?? `http://127.0.0.1:${process.env.PORT ?? '8080'}`);
    const rejected = await sendAll({ source, type: values.type ?? Object.keys(pipeline.events)[0] ?? '', url, rate });
    if (rejected > 0) console.log(`GET ${url.origin}/quarantine says why events were rejected.`);
    if (source.path?.includes('wikipedia-edits') && values.type === undefined)
      console.log(`They are in answers within a second or two: curl -g '${url.origin}/metrics/edits?from=2015-09-12&to=2015-09-13&every=all'`);
  },
});

interface Feed {
  readonly source: Source;
  readonly type: string;
  readonly url: URL;
  /** Events a second at most; null for no limit. */
  readonly rate: number | null;
}
const sha = (...parts: readonly string[]) => createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 24);

/** The line of a batch's event, counted from 1; the first line of CSV is its header. */
const lineOf = (source: Source, { fromLine, header }: Batch, index = 0): number => fromLine + index + (isCsv(source) && header === null ? 2 : 1);

/** All of a source's first batch was rejected, so the rest would be, too. */
class AllRejectedError extends Error {
  override readonly name = 'AllRejectedError';

  constructor({ rejected, errors }: Sent, lineAt: (index: number | undefined) => number) {
    const [first] = errors;
    const why = first === undefined ? '' : ` Line ${lineAt(first.index)}${first.path === undefined ? '' : `, ${first.path}`}: ${first.message}.`;
    super(`All of the first ${rejected} events were rejected, so that nothing else was sent.${why}`);
  }
}

/** Returns how many events were rejected. */
const sendAll = async ({ source, type, url, rate }: Feed): Promise<number> => {
  // The position is stored beside the data, until the source has been sent completely.
  const place = source.identity === null ? null : join(readSettings(process.env).dataDir, 'feed', `${sha(source.identity, type, url.href)}.json`);
  const at = await position(place, source.name);
  if (at.startLine > 0) console.log(`Continuing after line ${at.startLine}, where an earlier feed of ${source.name} stopped.`);
  const run = randomUUID();
  const keyOf = ({ fromLine, lines }: Batch) =>
    source.identity === null ? `feed-${run}-${fromLine}` : `feed-${sha(source.identity, String(fromLine), ...lines)}`;
  const send = sender({
    url: new URL(`/events/${encodeURIComponent(type)}`, url),
    token: process.env.TWINSTREAM_TOKEN ?? null,
    mediaType: isCsv(source) ? 'text/csv' : 'application/x-ndjson',
  });
  const bar = progressBar({ total: source.path === null ? null : statSync(source.path).size, terminal: process.stderr.isTTY === true });
  const startedAt = performance.now();
  let [accepted, rejected, sent] = [0, 0, 0];

  const deliver = async (batch: Batch): Promise<void> => {
    const lines = batch.header === null ? batch.lines : [batch.header, ...batch.lines];
    const result = await send(`${lines.join('\n')}\n`, keyOf(batch), (reason) => bar.note(`${reason}; trying again …`));
    accepted += result.accepted;
    rejected += result.rejected;
    if (accepted === 0 && result.rejected > 0) throw new AllRejectedError(result, (index) => lineOf(source, batch, index));
    for (const { index, path, message } of result.errors.slice(0, rejected > 20 ? 0 : 3))
      bar.note(`line ${lineOf(source, batch, index)}${path === undefined ? '' : `, ${path}`}: ${message}`);
    await at.acknowledge(batch.fromLine, batch.lines.length);
    bar.update(batch.bytesRead, accepted + rejected);
  };
  try {
    const inFlight = new Set<Promise<void>>();
    for await (const batch of batchesOf(source, at.startLine)) {
      if (rate !== null) {
        const due = (sent / rate) * 1_000 - (performance.now() - startedAt);
        if (due > 0) await new Promise((next) => setTimeout(next, due));
      }
      sent += batch.lines.length;
      const delivery = deliver(batch).finally(() => inFlight.delete(delivery));
      inFlight.add(delivery);
      // The first goes alone: nothing after it is sent if all of it is rejected.
      if (inFlight.size >= IN_FLIGHT || accepted + rejected === 0) await Promise.race(inFlight);
    }
    await Promise.all(inFlight);
  } finally {
    bar.end();
  }
  await at.remove();
  const seconds = (performance.now() - startedAt) / 1_000;
  const [yes, no, perSecond] = [accepted, rejected, Math.round((accepted + rejected) / seconds)].map((n) => n.toLocaleString('en-US'));
  console.log(`${yes} events accepted, ${no} rejected, in ${seconds.toFixed(1)} s (${perSecond} a second).`);
  return rejected;
};
