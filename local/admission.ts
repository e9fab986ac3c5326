import { unavailable } from '../shared/request/problem.ts';

export interface AdmissionLimits {
  /** Bodies that are being read, are waiting, or are being processed. */
  readonly bodyBytes: number;
  /** The inflated size of all calls that are being processed. */
  readonly workBytes: number;
  /** At most this much work begins in one event-loop tick, so that reading, answering and timers are not starved. One MB takes some 100 ms. */
  readonly tickBytes: number;
  /** Calls that have not been answered. */
  readonly calls: number;
}
export const ADMISSION_LIMITS: AdmissionLimits = { bodyBytes: 24 * 1024 * 1024, workBytes: 128 * 1024 * 1024, tickBytes: 1024 * 1024, calls: 1_500 };

/** Room that one call has taken. */
export interface Room {
  /** Takes more. @throws {Problem} 503 if there is none. */
  grow(bytes: number): void;
  /** Runs once there is room for `bytes`, in the order of the requests. */
  work<R>(bytes: number, run: () => Promise<R>): Promise<R>;
  /** Gives everything back. */
  leave(): void;
}

/**
 * Load shedding: bounds what is inside the server, however much comes. A call for which there is no room gets 503 with
 * Retry-After before its body is read (backpressure), instead of slowing every other call down until memory runs out.
 */
export const admission = (limits: AdmissionLimits) => {
  let calls = 0;
  let bodyBytes = 0;
  let workBytes = 0;
  const waiting: { readonly bytes: number; readonly start: () => void }[] = [];
  /** Work begun in this event-loop tick; a call with an empty body counts as one byte. */
  let begunBytes = 0;

  /** A call that is larger than all of the room runs alone. */
  const hasRoom = ({ bytes }: { bytes: number }) => workBytes === 0 || workBytes + bytes <= limits.workBytes;
  const startNext = (): void => {
    for (let [next] = waiting; next !== undefined && begunBytes < limits.tickBytes && hasRoom(next); [next] = waiting) {
      waiting.shift();
      workBytes += next.bytes;
      if (begunBytes === 0) setImmediate(nextTick);
      begunBytes += Math.max(1, next.bytes);
      next.start();
    }
  };
  const nextTick = (): void => {
    begunBytes = 0;
    startNext();
  };
  const full = () => unavailable('The server is overloaded. Send it again later with the same ids or Idempotency-Key: events count once.', 1);

  return {
    /** @throws {Problem} 503 if there is no room for a call, or for a body of this length. Room is taken as bytes arrive, so that a slow sender holds no more than it has sent. */
    enter: (declaredBytes: number): Room => {
      if (calls >= limits.calls || (bodyBytes > 0 && bodyBytes + declaredBytes > limits.bodyBytes)) throw full();
      calls++;
      let own = 0;
      return {
        grow: (bytes) => {
          // A call that is alone always gets its room: the server's own limit on a body is smaller.
          if (bodyBytes > own && bodyBytes + bytes > limits.bodyBytes) throw full();
          bodyBytes += bytes;
          own += bytes;
        },
        work: async (bytes, run) => {
          await new Promise<void>((start) => {
            waiting.push({ bytes, start });
            startNext();
          });
          try {
            return await run();
          } finally {
            workBytes -= bytes;
            startNext();
          }
        },
        leave: () => {
          calls--;
          bodyBytes -= own;
          own = 0;
        },
      };
    },
  };
};
