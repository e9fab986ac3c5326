import { stat } from 'node:fs/promises';
import { addAbortSignal } from 'node:stream';
import { type FormatName, type Shaper, shaper } from '../../agent/formats/format.ts';
import { RECENT_CHANGES } from '../../agent/formats/wikimedia.ts';
import type { Source } from '../../agent/ports/source.ts';
import { fileSource } from '../../agent/sources/file.ts';
import { followSource } from '../../agent/sources/follow.ts';
import { streamSource } from '../../agent/sources/stream.ts';
import { urlSource } from '../../agent/sources/url.ts';
import { filesOf } from '../../agent/sources/whole-files.ts';
import { machine } from '../../agent/surroundings.ts';
import { fail } from '../command.ts';
import { type Fed, fedBy, formatOf, mapOf } from './arguments.ts';

export interface FeedOptions {
  readonly type: string;
  readonly format: string | undefined;
  readonly map: readonly string[];
  readonly id: string | null;
  readonly follow: boolean;
}
export interface FedSources {
  readonly sources: readonly Source[];
  readonly name: string;
  /** By which an interrupted feed is found again. */
  readonly identity: string;
  /** Of all files; null if that is not known. */
  readonly bytes: number | null;
  readonly isEndless: boolean;
  /** Whether all of it can be read again from the beginning. */
  readonly isRereadable: boolean;
}
const LOOK_EVERY_MS = 500;

/** What the arguments of `feed` name. */
export const sourcesOf = async (names: readonly string[], options: FeedOptions): Promise<FedSources> => {
  const fed = names.map(fedBy);
  const made = await Promise.all(fed.map((one) => sourceOf(one, options)));
  const bytes = made.map((one) => one.bytes);
  return {
    // One after the other, since files are read faster than they are sent.
    sources: made.flatMap(({ sources }) => sources),
    name: names.join(', ').replace(/^-$/, 'standard input'),
    identity: fed.map(identityOf).join('\n'),
    bytes: bytes.includes(null) ? null : bytes.reduce<number>((sum, one) => sum + (one ?? 0), 0),
    isEndless: options.follow || fed.some((one) => one.kind === 'url' && one.url.href === RECENT_CHANGES),
    isRereadable: fed.every(({ kind }) => kind === 'file'),
  };
};
const identityOf = (fed: Fed): string => (fed.kind === 'file' ? fed.identity : fed.kind === 'url' ? fed.url.href : '-');

const sourceOf = async (fed: Fed, options: FeedOptions): Promise<{ sources: readonly Source[]; bytes: number | null }> => {
  if (fed.kind === 'stdin') {
    const from = {
      name: 'standard input',
      open: async (signal: AbortSignal) => addAbortSignal(signal, process.stdin),
      shaper: shaperOf(formatOf(options.format, ''), options),
      identity: null,
    };
    return { sources: [streamSource(from)], bytes: null };
  }
  if (fed.kind === 'url') {
    const isWikipedia = fed.url.href === RECENT_CHANGES && options.format === undefined;
    const format = isWikipedia ? 'wikimedia' : formatOf(options.format, fed.url.pathname);
    const made = shaperOf(format, isWikipedia ? { ...options, id: options.id ?? 'meta.id' } : options);
    return { sources: [urlSource({ url: fed.url, headers: {}, shaper: made, surroundings: machine })], bytes: null };
  }
  if (options.follow) {
    const made = shaperOf(formatOf(options.format, fed.path), options);
    return { sources: [followSource({ path: fed.path, shaper: made, everyMs: LOOK_EVERY_MS, surroundings: machine })], bytes: null };
  }
  const paths = await pathsOf(fed);
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  const one = (path: string) =>
    fileSource({ path, identity: paths.length === 1 ? fed.identity : path, shaper: shaperOf(formatOf(options.format, path), options) });
  return { sources: [inTurn(fed.name, paths.map(one))], bytes: sizes.reduce((sum, size) => sum + size, 0) };
};

const pathsOf = async ({ path }: { readonly path: string }): Promise<readonly string[]> => {
  const paths = await filesOf(path);
  return paths.length > 0 ? paths : fail(`Expected a file, a folder, a URL, - or sample, found nothing at ${path}`);
};

const inTurn = (name: string, sources: readonly Source[]): Source => ({
  name,
  run: async (intake, signal) => {
    for (const source of sources) await source.run(intake, signal);
  },
});

const shaperOf = (format: FormatName, { type, map, id }: FeedOptions): Shaper => {
  if (format === 'csv' && id !== null) fail('--id: Expected a format other than csv; a type of the pipeline may name its id field');
  return shaper({ format, type, map: mapOf(map), id }, machine.clock);
};
