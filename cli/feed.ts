// Sends what files, folders, standard input, streams and pages hold to a running Twinstream, each event exactly once: an agent (agent/) of one run.
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pipeline from '#pipeline';
import { openChannel } from '../agent/channel/open-channel.ts';
import type { Entry } from '../agent/ports/channel.ts';
import type { Delivered } from '../agent/ports/sink.ts';
import { runAgent } from '../agent/run-agent.ts';
import { httpSink } from '../agent/sinks/http.ts';
import { machine } from '../agent/surroundings.ts';
import { readSettings } from '../shared/platforms/embedded-settings.ts';
import type { Detail } from '../shared/request/problem.ts';
import { command, fail, PIPELINE_OPTION, typed } from './command.ts';
import { FORMAT_LIST } from './feed/arguments.ts';
import { progressBar } from './feed/progress-bar.ts';
import { type FedSources, type FeedOptions, sourcesOf } from './feed/sources.ts';
import { untilStopped } from './until-stopped.ts';

const USAGE = `Usage: ${typed('feed')} SOURCE… [--type TYPE] [--format FORMAT] [--map FIELD=PATH]… [--id PATH] [--follow] [--rate N] [--url URL]

  SOURCE   sample (39,244 edits of Wikipedia; in your own repository sample.ndjson), wikipedia (its changes as they happen),
           a file (.gz too), a folder, a pattern such as '/var/log/*.log', the URL of a file or of server-sent events, or - for
           standard input
  --type   the event type, by default the pipeline's first (${Object.keys(pipeline.events).join(', ')})
  --format ${FORMAT_LIST}; by default that of the file's name, else ndjson
  --map    names a field by its path in the source: --map page=title --map time=meta.dt
  --id     the path of an id of the event's own, by which it counts once from wherever it comes
  --follow waits for what is written to files, also when they are rotated
  --rate   events a second at most
  --url    where to send to, by default http://127.0.0.1:8080, or the PORT of the environment

A token goes in TWINSTREAM_TOKEN. A feed that was stopped continues where it stopped.`;

export const feed = command({
  usage: USAGE,
  options: {
    type: { type: 'string' },
    url: { type: 'string' },
    rate: { type: 'string' },
    format: { type: 'string' },
    map: { type: 'string', multiple: true },
    id: { type: 'string' },
    follow: { type: 'boolean' },
    ...PIPELINE_OPTION,
  },
  run: async ({ values, positionals }) => {
    if (positionals.length === 0) fail(USAGE);
    const rate = values.rate === undefined ? null : Number(values.rate);
    if (rate !== null && !(rate > 0)) fail(`--rate: Expected a number of events a second above 0, got '${values.rate}'`);
    // Its files in the data folder are private to its user.
    process.umask(0o077);
    const url = new URL(values.url ?? `http://127.0.0.1:${process.env.PORT ?? '8080'}`);
    const options: FeedOptions = {
      type: values.type ?? Object.keys(pipeline.events)[0] ?? '',
      format: values.format,
      map: values.map ?? [],
      id: values.id ?? null,
      follow: values.follow ?? false,
    };
    const rejected = await sendAll({ from: await sourcesOf(positionals, options), options, url, rate });
    if (rejected > 0) console.log(`GET ${url.origin}/quarantine says why events were rejected.`);
    if (positionals.some((one) => one === 'sample' || one.includes('wikipedia-edits')) && values.type === undefined)
      console.log(`They are in answers within a second or two: curl -g '${url.origin}/metrics/edits?from=2015-09-12&to=2015-09-13&every=all'`);
  },
});

interface Feed {
  readonly from: FedSources;
  readonly options: FeedOptions;
  readonly url: URL;
  /** Events a second at most; null for no limit. */
  readonly rate: number | null;
}
/** A feed's channel holds what the receiver has not taken yet; the rest stays in the source. */
const CHANNEL_BYTES = 64 * 1024 * 1024;
const LIMITS = { events: 500, bytes: 2_000_000, waitMs: 0 };
const IN_FLIGHT = 4;

/** Returns how many events were rejected. */
const sendAll = async ({ from, options, url, rate }: Feed): Promise<number> => {
  const folder = join(readSettings(process.env).dataDir, 'feed', hashOf(from.identity, JSON.stringify(options), url.href));
  const channel = await openChannel(folder, CHANNEL_BYTES, console.error);
  const before = channel.streams().map((stream) => channel.positionOf(stream));
  const read = new Map(before.flatMap((position) => (typeof position?.path === 'string' ? [[position.path, Number(position.read ?? 0)] as const] : [])));
  const done = (): number => [...read.values()].reduce((sum, bytes) => sum + bytes, 0);
  const bar = progressBar({ total: from.bytes, before: done(), terminal: process.stderr.isTTY === true });
  const lines = before.reduce((sum, position) => sum + Number(position?.line ?? 0), 0);
  if (lines > 0) console.log(`Continuing after line ${lines}, where an earlier feed of ${from.name} stopped.`);
  const startedAt = performance.now();
  let [accepted, rejected, isDone] = [0, 0, false];
  const onDelivered = ({ entries }: { readonly entries: readonly Entry[] }, result: Delivered): void => {
    accepted += result.accepted;
    rejected += result.rejected;
    if (accepted === 0 && result.rejected > 0) throw new AllRejectedError(result, entries);
    for (const error of result.errors.slice(0, rejected > 20 ? 0 : 3)) bar.note(placed(error, entries));
    for (const { position } of entries) if (typeof position?.path === 'string') read.set(position.path, Number(position.read ?? 0));
    bar.update(done(), accepted + rejected);
  };
  const stopped = untilStopped();
  const sink = httpSink({ url, token: process.env.TWINSTREAM_TOKEN ?? null, parallel: IN_FLIGHT, surroundings: machine });
  try {
    await runAgent(
      { sources: from.sources, channel, sink, limits: LIMITS, rate, endsWhenRefused: true, surroundings: machine, note: bar.note, onDelivered },
      stopped.signal,
    );
    isDone = !stopped.signal.aborted && !from.isEndless;
  } finally {
    bar.end();
    stopped.release();
    await channel.close();
    channel.release();
    // What can be read again begins anew: it may be corrected before.
    if (isDone || (lines === 0 && accepted === 0 && from.isRereadable)) rmSync(folder, { recursive: true, force: true });
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const [yes, no, perSecond] = [accepted, rejected, Math.round((accepted + rejected) / seconds)].map((n) => n.toLocaleString('en-US'));
  console.log(`${yes} events accepted, ${no} rejected, in ${seconds.toFixed(1)} s (${perSecond} a second).`);
  return rejected;
};
const hashOf = (...parts: readonly string[]) => createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 24);

/** The line of an event, counted from 1. */
const lineOf = (index: number, entries: readonly Entry[]): number | null => {
  let from = 0;
  for (const { batch, position } of entries) {
    if (index < from + batch.events) return typeof position?.fromLine === 'number' ? position.fromLine + index - from + 1 : null;
    from += batch.events;
  }
  return null;
};
const placed = ({ index = 0, path, message }: Detail, entries: readonly Entry[]): string => {
  const line = lineOf(index, entries);
  return `${line === null ? 'event' : `line ${line}`}${path === undefined ? '' : `, ${path}`}: ${message}`;
};

/** All of a source's first events were rejected, so the rest would be, too. */
class AllRejectedError extends Error {
  override readonly name = 'AllRejectedError';

  constructor({ rejected, errors }: Delivered, entries: readonly Entry[]) {
    const [first] = errors;
    const why = first === undefined ? '' : ` ${placed(first, entries).replace(/^./, (letter) => letter.toUpperCase())}.`;
    super(`All of the first ${rejected} events were rejected, so that nothing else was sent.${why}`);
  }
}
