import { z } from 'zod';
import { duration, size } from '../shared/platforms/environment.ts';
import { FORMAT_NAMES } from './formats/format.ts';

// What `twinstream agent --config FILE` reads. Secrets are named, not written: they are in the environment, or in a file.

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];

const secret = z.union([z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })], {
  error: 'Expected { "env": NAME } or { "file": PATH }, where the secret is',
});
export type Secret = z.output<typeof secret>;

const url = z.url({ protocol: /^https?$/, error: 'Expected a URL that begins with http:// or https://' });
const type = z.string().min(1).max(128);
const shape = {
  type,
  format: z.enum(FORMAT_NAMES).default('ndjson'),
  map: z.record(z.string().min(1), z.string().min(1)).default({}),
  id: z.string().min(1).optional(),
};
const headers = z.record(z.string().min(1), z.union([z.string(), secret])).default({});
const host = z.string().min(1).default('127.0.0.1');
const port = z.int().min(0).max(65_535);

const kinds = (...names: readonly string[]) => ({ error: `Expected ${names.map((name) => `'${name}'`).join(', ')}` });

const source = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('file'), path: z.string().min(1), follow: z.boolean().default(true), ...shape }),
    z.strictObject({ kind: z.literal('stdin'), ...shape }),
    z.strictObject({ kind: z.literal('sse'), url, headers, silent: duration('1m', '1s'), ...shape }),
    z.strictObject({
      kind: z.literal('poll'),
      url,
      headers,
      every: duration('1m', '1s'),
      ...shape,
      id: z.string('Expected the path of an id of the events, by which those of the next answer are known'),
    }),
    z
      .strictObject({ kind: z.literal('listen'), host, port, token: secret.optional() })
      .refine((listen) => LOOPBACK.includes(listen.host) || listen.token !== undefined, {
        path: ['token'],
        error: 'Expected a token, since other machines can reach this host',
      }),
    z.strictObject({ kind: z.literal('syslog'), protocol: z.enum(['udp', 'tcp']), host, port, ...shape, format: z.enum(FORMAT_NAMES).default('syslog') }),
  ],
  kinds('file', 'stdin', 'sse', 'poll', 'listen', 'syslog'),
);
export type SourceConfig = z.output<typeof source>;

const sink = z.discriminatedUnion(
  'kind',
  [z.strictObject({ kind: z.literal('twinstream'), url, token: secret.optional() }), z.strictObject({ kind: z.literal('file'), path: z.string().min(1) })],
  kinds('twinstream', 'file'),
);
export type SinkConfig = z.output<typeof sink>;

const CONFIG = z.strictObject({
  folder: z.string().min(1),
  maxDisk: size('1GB', '32MB'),
  sources: z.array(source).min(1),
  sink,
  batch: z.strictObject({ events: z.int().min(1).max(20_000).default(5_000), wait: duration('1s', '0ms') }).prefault({}),
  rate: z.number().positive().optional(),
});
export type AgentConfig = z.output<typeof CONFIG>;

/** @throws {RangeError} with a line for each part that is wrong. */
export const parseConfig = (text: string): AgentConfig => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RangeError(`Expected JSON: ${(error as Error).message}`);
  }
  const result = CONFIG.safeParse(value);
  if (result.success) return result.data;
  throw new RangeError(result.error.issues.map(({ path, message }) => `${path.length === 0 ? '' : `${path.join('.')}: `}${message}`).join('\n'));
};

/** @throws {RangeError} if it is not there. */
export const secretOf = (given: Secret, env: Readonly<Record<string, string | undefined>>, read: (path: string) => string): string => {
  const value = 'env' in given ? (env[given.env] ?? '') : read(given.file).trim();
  if (value === '') throw new RangeError(`Expected a secret in ${'env' in given ? `the variable ${given.env}` : given.file}, got nothing`);
  return value;
};
