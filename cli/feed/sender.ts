import { backOffMs } from '../../shared/ports/back-off.ts';
import type { Detail } from '../../shared/request/problem.ts';

export interface Sent {
  readonly accepted: number;
  readonly rejected: number;
  readonly errors: readonly Detail[];
}

const BACK_OFF = { firstMs: 200, maxMs: 5_000 };

/**
 * Posts lines until they are acknowledged: while the server is away, throttles or fails, it backs off and retries them
 * under the same Idempotency-Key. Throws if an answer cannot be changed by a retry.
 */
export const sender =
  ({ url, token, mediaType }: { url: URL; token: string | null; mediaType: 'application/x-ndjson' | 'text/csv' }) =>
  async (body: string, key: string, onRetry: (reason: string) => void): Promise<Sent> => {
    const headers = { 'content-type': mediaType, 'idempotency-key': key, ...(token === null ? {} : { authorization: `Bearer ${token}` }) };
    for (let failures = 1; ; failures++) {
      let reason: string;
      try {
        const response = await fetch(url, { method: 'POST', headers, body });
        const text = await response.text();
        if (response.status === 202 || response.status === 422) return JSON.parse(text) as Sent;
        if (response.status !== 429 && response.status < 500) throw new RefusedError(`${url.href} answered ${response.status}: ${detailOf(text)}`);
        reason = `${url.origin} answered ${response.status}`;
      } catch (error) {
        if (error instanceof RefusedError) throw error;
        reason = `${url.origin} cannot be reached`;
      }
      onRetry(reason);
      await new Promise((resolve) => setTimeout(resolve, backOffMs(failures, BACK_OFF)));
    }
  };

class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

const detailOf = (text: string): string => {
  try {
    return (JSON.parse(text) as { detail?: string }).detail ?? text.slice(0, 500);
  } catch {
    return text.slice(0, 500);
  }
};
