import type { Body, Fields } from '../../testing/body.ts';
import type { httpContract } from './http-contract.ts';

export interface Reply<R = Fields> {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body, if it is JSON. */
  readonly body: Body<R>;
}

/** HTTP calls of a server, each of whose answers is held against the OpenAPI document. */
export const checkedCalls =
  (url: string, contract: () => ReturnType<typeof httpContract>) =>
  async <R = Fields>(method: string, path: string, body: string | Uint8Array | null, headers: Record<string, string>): Promise<Reply<R>> => {
    const response = await fetch(url + path, { method, headers, ...(body === null ? {} : { body }) });
    const text = await response.text();
    const contentType = response.headers.get('content-type');
    const parsed = /[/+]json/.test(contentType ?? '') ? JSON.parse(text) : null;
    const found = contract().violations(method, new URL(url + path).pathname + new URL(url + path).search, {
      status: response.status,
      contentType,
      body: parsed ?? text,
    });
    if (found.length > 0)
      throw new Error(`${method} ${path} answered ${response.status} otherwise than /openapi.json says: ${found.join('; ')}\n${text.slice(0, 2_000)}`);
    return { status: response.status, headers: response.headers, text, body: parsed };
  };
