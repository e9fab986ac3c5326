import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { addAbortSignal } from 'node:stream';
import { type AgentConfig, type Secret, type SinkConfig, type SourceConfig, secretOf } from './config.ts';
import { shaper } from './formats/format.ts';
import type { Sink } from './ports/sink.ts';
import type { Source } from './ports/source.ts';
import { fileSink } from './sinks/file.ts';
import { httpSink } from './sinks/http.ts';
import { followSource } from './sources/follow.ts';
import { listenSource } from './sources/listen.ts';
import { pollSource } from './sources/poll.ts';
import { sseSource } from './sources/sse.ts';
import { streamSource } from './sources/stream.ts';
import { syslogTcp, syslogUdp } from './sources/syslog.ts';
import { wholeFiles } from './sources/whole-files.ts';
import type { Surroundings } from './surroundings.ts';

export interface ConfiguredOptions {
  readonly config: Pick<AgentConfig, 'sources' | 'sink'>;
  /** Where relative paths begin. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly surroundings: Surroundings;
  readonly note: (text: string) => void;
}
const LOOK_EVERY_MS = 1_000;
const IN_FLIGHT = 4;

/** The sources and the sink that a configuration names. @throws {RangeError} if a secret is missing. */
export const configured = (options: ConfiguredOptions): { readonly sources: readonly Source[]; readonly sink: Sink } => ({
  sources: options.config.sources.map((source) => sourceOf(source, options)),
  sink: sinkOf(options.config.sink, options),
});

const at = ({ root }: ConfiguredOptions, path: string): string => resolve(root, path);
const secretIn = (options: ConfiguredOptions, secret: Secret): string => secretOf(secret, options.env, (path) => readFileSync(at(options, path), 'utf8'));
const headersOf = (options: ConfiguredOptions, headers: Readonly<Record<string, string | Secret>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : secretIn(options, value)]));

const sourceOf = (source: SourceConfig, options: ConfiguredOptions): Source => {
  const { surroundings, note } = options;
  if (source.kind === 'listen') {
    const token = source.token === undefined ? null : secretIn(options, source.token);
    return listenSource({ host: source.host, port: source.port, token, onListening: (url) => note(`Listening on ${url}`) });
  }
  const shaped = shaper({ ...source, id: source.id ?? null }, surroundings.clock);
  if (source.kind === 'file') {
    const path = at(options, source.path);
    return source.follow ? followSource({ path, shaper: shaped, everyMs: LOOK_EVERY_MS, surroundings }) : wholeFiles({ path, shaper: () => shaped });
  }
  if (source.kind === 'stdin')
    return streamSource({ name: 'standard input', open: async (signal) => addAbortSignal(signal, process.stdin), shaper: shaped, identity: null });
  if (source.kind === 'syslog') {
    const listen = {
      host: source.host,
      port: source.port,
      shaper: shaped,
      onListening: (port: number) => note(`Listening on ${source.protocol} port ${port}`),
    };
    return source.protocol === 'udp' ? syslogUdp(listen) : syslogTcp(listen);
  }
  const asked = { url: new URL(source.url), headers: headersOf(options, source.headers), shaper: shaped, surroundings };
  // One source that is refused does not end the others.
  return source.kind === 'sse' ? sseSource({ ...asked, silentMs: source.silent, endsWhenRefused: false }) : pollSource({ ...asked, everyMs: source.every });
};

const sinkOf = (sink: SinkConfig, options: ConfiguredOptions): Sink => {
  if (sink.kind === 'file') return fileSink({ path: at(options, sink.path) });
  const token = sink.token === undefined ? null : secretIn(options, sink.token);
  return httpSink({ url: new URL(sink.url), token, parallel: IN_FLIGHT, surroundings: options.surroundings });
};
