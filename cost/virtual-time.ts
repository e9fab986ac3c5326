/** Time of the played load: it passes only where something waits. */
export interface VirtualTime {
  readonly clock: () => number;
  /** Begins a call at this time; calls of different functions overlap in the load, and are played one after the other. */
  readonly set: (ms: number) => void;
  /** Waits that begin in one event-loop tick overlap, as requests in parallel do. */
  readonly sleep: (ms: number) => Promise<void>;
}

export const virtualTime = (startMs: number): VirtualTime => {
  let nowMs = startMs;
  let waiting: { readonly atMs: number; readonly wake: () => void }[] = [];
  let isDue = false;
  const pump = (): void => {
    isDue = false;
    const nextMs = Math.min(...waiting.map(({ atMs }) => atMs));
    const due = waiting.filter(({ atMs }) => atMs === nextMs);
    waiting = waiting.filter(({ atMs }) => atMs !== nextMs);
    nowMs = Math.max(nowMs, nextMs);
    for (const { wake } of due) wake();
    plan();
  };
  const plan = (): void => {
    if (isDue || waiting.length === 0) return;
    isDue = true;
    setImmediate(pump);
  };
  return {
    clock: () => nowMs,
    set: (ms) => {
      nowMs = ms;
    },
    sleep: (ms) =>
      new Promise((resolve) => {
        waiting.push({ atMs: nowMs + ms, wake: resolve });
        plan();
      }),
  };
};
