import { globals, type Surroundings } from '../../client/transport.ts';
import { random } from '../../testing/random.ts';

export type Fetch = Surroundings['fetch'];
let seed = 0;

/**
 * A client's surroundings in which time passes only when a test says so, and chance is by a seed. `calls` has the keys and
 * bodies of what was sent.
 */
export const manual = (around: (real: Fetch) => Fetch) => {
  let nowMs = Date.parse('2026-11-21T10:00:30.000Z');
  let timers: { readonly at: number; readonly run: () => void }[] = [];
  const calls: { readonly key: string; readonly body: string; readonly atMs: number }[] = [];
  // Keys come of it, so each client has a seed of its own.
  const { next } = random(++seed);
  let underWay = 0;
  /** With the whole body, so that nothing is read later. */
  const real: Fetch = async (url, init) => {
    underWay++;
    try {
      const response = await globals.fetch(url, init);
      return new Response(await response.text(), { status: response.status, headers: response.headers });
    } finally {
      underWay--;
    }
  };
  const faulty = around(real);
  const settled = async (): Promise<void> => {
    for (let quiet = 0; quiet < 5; quiet = underWay === 0 ? quiet + 1 : 0) await new Promise((resolve) => setImmediate(resolve));
  };
  const surroundings: Surroundings = {
    fetch: (url, init) => {
      calls.push({ key: new Headers(init.headers).get('idempotency-key') ?? '', body: String(init.body ?? ''), atMs: nowMs });
      return faulty(url, init);
    },
    now: () => nowMs,
    after: (ms, run) => {
      const timer = { at: nowMs + ms, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    socket: globals.socket,
    random: next,
  };
  /** Lets time pass in steps, and what is under way go on after each. */
  const pass = async (ms: number): Promise<void> => {
    const until = nowMs + ms;
    for (;;) {
      await settled();
      const due = timers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      nowMs = Math.max(nowMs, due.at);
      timers = timers.filter((timer) => timer !== due);
      due.run();
    }
    nowMs = until;
    await settled();
  };
  return { surroundings, calls, pass };
};
