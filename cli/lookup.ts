// Publishes reference data on a running Twinstream, lists them, and undoes them.
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { LOOKUP_VERSION } from '../shared/lookups/lookup-request.ts';
import { command, fail, typed } from './command.ts';

const USAGE = `Usage: ${typed('lookup')} put TABLE FILE.csv [--valid-from TIME] [--note TEXT] [--url URL]
       ${typed('lookup')} list [--url URL]
       ${typed('lookup')} undo TABLE VERSION [--url URL]

  put           publishes a table as a whole: the first line names the columns, the first column is the key that lookup('TABLE', …) takes
  list          shows every version, newest first
  undo          events are looked up in the version before it again
  --valid-from  the event time from which on it holds; by default all times for the first version, and now for later ones.
                One in the past corrects the days since then
  --url         by default http://127.0.0.1:8080, or the PORT of the environment

A token with scope admin goes in TWINSTREAM_TOKEN.`;

type Version = z.infer<typeof LOOKUP_VERSION>;
type Ask = <T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: { readonly csv: string }) => Promise<T>;

export const lookup = command({
  usage: USAGE,
  options: { 'valid-from': { type: 'string' }, note: { type: 'string' }, url: { type: 'string' } },
  run: async ({ values, positionals: [what, table = '', given = '', ...more] }) => {
    const ask = asking(new URL(values.url ?? `http://127.0.0.1:${process.env.PORT ?? '8080'}`));
    if (more.length > 0) fail(USAGE);
    if (what === 'put' && given !== '') {
      const query = new URLSearchParams({
        ...(values['valid-from'] === undefined ? {} : { validFrom: values['valid-from'] }),
        ...(values.note === undefined ? {} : { note: values.note }),
      });
      const version = await ask<Version>('POST', `/lookups/${encodeURIComponent(table)}?${query}`, { csv: readFileSync(given, 'utf8') });
      const { tables } = await ask<{ tables: readonly string[] }>('GET', '/lookups?limit=1');
      console.log(
        version.generation === undefined
          ? `${table} says so already: ${described(version)}`
          : `Published ${described(version)}; ${version.generation} will correct what came before.`,
      );
      if (!tables.includes(table)) console.log(`No metric of the pipeline looks it up yet; they look up ${tables.join(', ') || 'nothing'}.`);
    } else if (what === 'list' && table === '') {
      for (let next: string | null = ''; next !== null; ) {
        const page: { versions: readonly Version[]; next: string | null } = await ask('GET', `/lookups${next === '' ? '' : `?after=${next}`}`);
        for (const version of page.versions) console.log(`${described(version)}, ${version.state}${version.note === null ? '' : `: ${version.note}`}`);
        next = page.next;
      }
    } else if (what === 'undo' && given !== '') {
      const version = await ask<Version>('DELETE', `/lookups/${encodeURIComponent(table)}/${encodeURIComponent(given)}`);
      console.log(`Undid ${described(version)}; ${version.generation} will correct what came before.`);
    } else fail(USAGE);
  },
});

const described = ({ id, table, rows, validFrom }: Version): string =>
  `${id} of ${table}, ${rows} rows, valid ${validFrom === null ? 'for all times' : `from ${validFrom}`}`;

const asking =
  (url: URL): Ask =>
  async (method, path, body) => {
    const { TWINSTREAM_TOKEN: token } = process.env;
    const response = await fetch(new URL(path, url), {
      method,
      headers: { ...(body === undefined ? {} : { 'content-type': 'text/csv' }), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      ...(body === undefined ? {} : { body: body.csv }),
    }).catch((cause: Error) => {
      throw new Error(`${url.origin} cannot be reached. Start it, or name another with --url.`, { cause });
    });
    const answer = (await response.json().catch(() => ({}))) as { detail?: string; errors?: readonly { index?: number; path?: string; message: string }[] };
    if (response.ok) return answer as never;
    // The first line has the names.
    const cells = (answer.errors ?? []).map(({ index = 0, path, message }) => `\n  line ${index + 2}, ${path}: ${message}`);
    throw new Error(`${url.origin} answered ${response.status}: ${answer.detail ?? response.statusText}${cells.join('')}`);
  };
