import { join } from 'node:path';
import type { Body, Fields } from './body.ts';
import { type HostProcess, spawnHost } from './host-process.ts';

export interface Answer<R = Fields> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, if it is JSON. */
  readonly json: Body<R>;
}
export interface Host extends HostProcess {
  get<R = Fields>(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer<R>>;
  post(path: string, body: string | Uint8Array, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

/** The host of this repository, as `npm start` runs it in the repository's folder, on a free port. */
export const startHost = async (env: Readonly<Record<string, string>> & { readonly DATA_DIR: string }): Promise<Host> => {
  const flags = process.env.HOST_FLAGS?.split(' ') ?? [];
  const host = await spawnHost([...flags, '--max-semi-space-size=32', join(process.cwd(), 'scripts/twinstream.mjs'), 'start'], env);
  const ask = async <R = Fields>(path: string, init: RequestInit): Promise<Answer<R>> => {
    const response = await fetch(host.url + path, init);
    const body = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text: body,
      json: response.headers.get('content-type')?.includes('json') ? JSON.parse(body) : null,
    };
  };
  return {
    ...host,
    get: (path, headers = {}) => ask(path, { headers }),
    post: (path, body, headers = {}) => ask(path, { method: 'POST', body: body as NonNullable<RequestInit['body']>, headers }),
  };
};
