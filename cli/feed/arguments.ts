import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { FORMAT_NAMES, type FormatName } from '../../agent/formats/format.ts';
import { RECENT_CHANGES } from '../../agent/formats/wikimedia.ts';
import { fail } from '../command.ts';

/** What one argument of `feed` names. */
export type Fed =
  | { readonly kind: 'stdin' }
  | { readonly kind: 'file'; readonly path: string; readonly name: string; readonly identity: string }
  | { readonly kind: 'url'; readonly url: URL };

/** The root of Twinstream's own repository, or of the user's. */
const SAMPLES = ['examples/wikipedia-edits-2015-09-12.ndjson.gz', 'sample.ndjson.gz', 'sample.ndjson'];

export const fedBy = (text: string): Fed => {
  if (text === '-') return { kind: 'stdin' };
  if (text === 'wikipedia') return { kind: 'url', url: new URL(RECENT_CHANGES) };
  if (/^https?:\/\//.test(text)) return URL.canParse(text) ? { kind: 'url', url: new URL(text) } : fail(`Expected a URL, got '${text}'`);
  if (text === 'sample') {
    const root = process.env.npm_config_local_prefix ?? process.cwd();
    const path = SAMPLES.map((name) => resolve(root, name)).find(existsSync);
    return { kind: 'file', name: 'sample', path: path ?? fail(`Expected a sample, found no sample.ndjson in ${root}`), identity: 'sample' };
  }
  const path = resolve(process.env.INIT_CWD ?? '.', text);
  return { kind: 'file', name: text, path, identity: path };
};

/** By option, else by the name of a file. */
export const formatOf = (given: string | undefined, path: string): FormatName => {
  if (given !== undefined) return FORMAT_NAMES.find((name) => name === given) ?? fail(`--format: Expected ${FORMAT_NAMES.join(', ')}, got '${given}'`);
  const [, extension = ''] = /\.(csv|json)(?:\.gz)?$/i.exec(path) ?? [];
  return FORMAT_NAMES.find((name) => name === extension.toLowerCase()) ?? 'ndjson';
};

/** `--map page=title`: by field of the event, the path of its value. */
export const mapOf = (pairs: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const [, name = '', path = ''] = /^([^=]+)=(.+)$/.exec(pair) ?? fail(`--map: Expected FIELD=SOURCE, such as page=title, got '${pair}'`);
      return [name, path];
    }),
  );
export const FORMAT_LIST = FORMAT_NAMES.join(', ');
