// The client: sends requests at a rate, and each of them again under its Idempotency-Key until it is acknowledged.
import { bodyOf, type Ledger, type Request } from './ledger.ts';

const SENDERS = 4;
const RETRY_MS = 100;
const ANSWERS_WITHIN_MS = 30_000;
const DRAINS_WITHIN_MS = 300_000;
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export interface Feeder {
  readonly figures: { acknowledged: number; attempts: number; retries: number; sentAgain: number; refused: number; broken: number };
  /** Sends these again, before anything new. */
  again(indexes: readonly number[]): void;
  /** Sends what is on its way until all of it is acknowledged, and nothing new until `resume`. */
  drain(): Promise<void>;
  /** Stops; what is not acknowledged stays to be sent. */
  halt(): Promise<void>;
  resume(): void;
  end(): void;
}

/** @param requestsPerSecond of new ones; what is sent again knows no rate */
export const feeder = (ledger: Ledger, requestsPerSecond: number, urlOf: () => string | null): Feeder => {
  const figures: Feeder['figures'] = { acknowledged: 0, attempts: 0, retries: 0, sentAgain: 0, refused: 0, broken: 0 };
  const queue: number[] = [];
  let mode: 'on' | 'draining' | 'halted' = 'on';
  let sending = 0;
  let failed: Error | null = null;
  let nextAtMs = performance.now();

  const attempt = async ({ key, edits }: Request, body: string): Promise<boolean> => {
    const url = urlOf();
    if (url === null) return false;
    figures.attempts++;
    let status: number;
    let text: string;
    try {
      const headers = { 'content-type': 'application/x-ndjson', 'idempotency-key': key };
      const response = await fetch(`${url}/events/edit`, { method: 'POST', body, headers, signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
      status = response.status;
      text = await response.text();
    } catch {
      figures.broken++;
      return false;
    }
    if (status === 503) {
      figures.refused++;
      return false;
    }
    const { accepted } = (status === 202 ? JSON.parse(text) : {}) as { accepted?: number };
    if (accepted !== edits.length) throw new Error(`Expected 202 with ${edits.length} accepted for ${key}, got ${status}: ${text}`);
    return true;
  };
  const next = (): Request | null => {
    if (mode === 'halted') return null;
    const index = queue.shift();
    if (index !== undefined) return ledger.request(index);
    const nowMs = performance.now();
    if (mode === 'draining' || nowMs < nextAtMs || urlOf() === null) return null;
    // Time that passed without a host is not made up for.
    nextAtMs = Math.max(nextAtMs, nowMs - 1_000) + 1_000 / requestsPerSecond;
    return ledger.make();
  };
  /** Sends one until it is acknowledged, or the client is halted. */
  const deliver = async (request: Request): Promise<void> => {
    const body = bodyOf(request);
    while (!(await attempt(request, body))) {
      if (mode === 'halted') {
        queue.unshift(request.index);
        return;
      }
      figures.retries++;
      await sleep(RETRY_MS);
    }
    ledger.acknowledge(request.index);
    figures.acknowledged++;
  };
  const send = async (): Promise<void> => {
    while (failed === null) {
      const request = next();
      if (request === null) {
        await sleep(5);
        continue;
      }
      sending++;
      await deliver(request);
      sending--;
    }
  };
  for (let i = 0; i < SENDERS; i++)
    void send().catch((error: Error) => {
      failed = error;
    });
  const idle = async (isDone: () => boolean, withinMs: number): Promise<void> => {
    const deadlineMs = performance.now() + withinMs;
    while (!isDone()) {
      if (failed !== null) throw failed;
      if (performance.now() > deadlineMs) throw new Error(`Expected all to be acknowledged within ${withinMs} ms, ${ledger.unacknowledged()} requests are not`);
      await sleep(10);
    }
    if (failed !== null) throw failed;
  };
  return {
    figures,
    again: (indexes) => {
      figures.sentAgain += indexes.length;
      queue.push(...indexes);
    },
    drain: async () => {
      mode = 'draining';
      await idle(() => sending === 0 && queue.length === 0, DRAINS_WITHIN_MS);
    },
    halt: async () => {
      mode = 'halted';
      await idle(() => sending === 0, ANSWERS_WITHIN_MS + RETRY_MS);
    },
    resume: () => {
      mode = 'on';
    },
    end: () => {
      failed ??= new Error('The client has ended');
    },
  };
};
