import type { Worker } from 'node:worker_threads';
import { takeFigure } from '../shared/adapters/telemetry/forwarded-figures.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { tooMuch, tooSlow } from '../shared/request/allowance.ts';
import { gone, Problem, unavailable } from '../shared/request/problem.ts';
import type { BackOfficeCall, BackOfficeFunction, BackOfficeResult } from './back-office.ts';

export interface CallPoolOptions {
  /** The pool's name in logs. */
  readonly name: string;
  readonly threads: number;
  /** Concurrent calls of one thread. */
  readonly atOnce: number;
  /** Calls that may wait for a thread; further ones are refused. */
  readonly queued: number;
  /** How long a call may run, and how long it may wait before; null for no limit. */
  readonly limitMs: number | null;
  /** A thread that does not end a call this long after the call's time is up is replaced: a native call cannot be interrupted. */
  readonly graceMs: number;
}
interface Call {
  readonly id: number;
  readonly name: BackOfficeFunction;
  readonly event: unknown;
  /** Set to 1 once the call has to end. Shared memory, since a busy thread receives no messages. */
  readonly flag: Int32Array;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
  timer: NodeJS.Timeout | null;
}
interface Thread {
  readonly worker: Worker;
  readonly running: Map<number, Call>;
}

/** Threads that answer calls, in the order of arrival. If the caller disconnects, a call never starts, or ends early. */
export const callPool = ({ name: pool, threads: size, atOnce, queued, limitMs, graceMs }: CallPoolOptions, start: () => Worker, telemetry: Telemetry) => {
  const threads = new Set<Thread>();
  const waiting: Call[] = [];
  let next = 0;
  let stopping = false;

  const settle = (call: Call, use: (call: Call) => void): void => {
    if (call.timer !== null) clearTimeout(call.timer);
    use(call);
  };
  /** Its unanswered calls have failed; another thread starts when it is needed. */
  const leave = (thread: Thread, error: (call: Call) => Error): void => {
    if (!threads.delete(thread)) return;
    for (const call of thread.running.values()) settle(call, ({ reject }) => reject(error(call)));
    thread.running.clear();
    void thread.worker.terminate();
    pump();
  };
  const open = (): Thread => {
    const thread: Thread = { worker: start(), running: new Map() };
    threads.add(thread);
    thread.worker.on('message', (message: BackOfficeResult) => {
      if (takeFigure(telemetry, message)) return;
      const call = thread.running.get(message.id);
      if (call === undefined) return;
      thread.running.delete(message.id);
      settle(call, ({ resolve, reject }) => (message.error === undefined ? resolve(message.result) : reject(new Error(message.error))));
      pump();
    });
    thread.worker.on('exit', () => leave(thread, failed));
    thread.worker.on('error', (error: Error & { code?: string }) => {
      telemetry.error('A thread that answers calls died; it will be replaced', { pool, error: error.stack ?? String(error) });
      leave(thread, () => (error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch('Expected what is read to fit into memory, got more.') : failed()));
    });
    return thread;
  };
  const free = (): Thread | null => {
    const [least] = [...threads].sort((a, b) => a.running.size - b.running.size);
    if (least !== undefined && (least.running.size === 0 || threads.size >= size)) return least.running.size < atOnce ? least : null;
    return open();
  };
  const pump = (): void => {
    while (!stopping && waiting.length > 0) {
      const thread = free();
      if (thread === null) return;
      const call = waiting.shift() as Call;
      if (call.timer !== null) clearTimeout(call.timer);
      call.timer = limitMs === null ? null : setTimeout(() => replace(thread, call), limitMs + graceMs);
      thread.running.set(call.id, call);
      const message: BackOfficeCall = { id: call.id, name: call.name, event: call.event, limitMs, flag: call.flag };
      thread.worker.postMessage(message);
    }
  };
  const replace = (thread: Thread, { id, name }: Call): void => {
    if (!thread.running.has(id)) return;
    telemetry.warn('A thread did not end a call in time; it will be replaced', { pool, name });
    leave(thread, (call) => (call.id === id ? tooSlow() : failed()));
  };
  const abandon = (call: Call): void => {
    Atomics.store(call.flag, 0, 1);
    const place = waiting.indexOf(call);
    if (place >= 0) waiting.splice(place, 1);
    const thread = [...threads].find(({ running }) => running.has(call.id));
    settle(call, ({ reject }) => reject(gone()));
    call.timer = thread === undefined || limitMs === null ? null : setTimeout(() => replace(thread, call), graceMs);
  };
  return {
    /** @throws {Problem} 503 if too many calls wait, or one waits too long; 499 once the signal is aborted. */
    call: <R>(name: BackOfficeFunction, event: unknown, signal: AbortSignal | null): Promise<R> =>
      new Promise<unknown>((resolve, reject) => {
        if (signal?.aborted) throw gone();
        if (stopping) throw unavailable('The server is stopping.', 5);
        if (waiting.length >= queued && free() === null) throw busy();
        const call: Call = { id: next++, name, event, flag: new Int32Array(new SharedArrayBuffer(4)), resolve, reject, timer: null };
        const abort = () => abandon(call);
        signal?.addEventListener('abort', abort, { once: true });
        if (limitMs !== null) {
          call.timer = setTimeout(() => {
            waiting.splice(waiting.indexOf(call), 1);
            reject(busy());
          }, limitMs);
        }
        waiting.push(call);
        pump();
      }) as Promise<R>,
    stop: async (): Promise<void> => {
      stopping = true;
      for (const thread of [...threads]) leave(thread, () => unavailable('The server is stopping.', 5));
      for (const call of waiting.splice(0)) settle(call, ({ reject }) => reject(unavailable('The server is stopping.', 5)));
    },
  };
};
export type CallPool = ReturnType<typeof callPool>;

const busy = (): Problem => unavailable('Too many calls are waiting. Try again later.', 5);
const failed = (): Problem => new Problem(500, 'internal', 'Something failed here', 'The thread that worked on it ended. The log says why; try again.');
