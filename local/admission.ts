import { unavailable } from '../shared/request/problem.ts';

export interface AdmissionLimits {
  /** Bodies that are being read, or wait for their turn, or are worked on. */
  readonly bodyBytes: number;
  /** What the calls that are worked on may hold once they are inflated. */
  readonly workBytes: number;
  /** Work on so much begins in one turn of the event loop: then whoever reads, answers and keeps time has one. A MB takes some 100 ms. */
  readonly turnBytes: number;
  /** Calls that have not been answered. */
  readonly calls: number;
}
export const ADMISSION_LIMITS: AdmissionLimits = { bodyBytes: 24 * 1024 * 1024, workBytes: 128 * 1024 * 1024, turnBytes: 1024 * 1024, calls: 1_500 };

/** Room that one call has taken. */
export interface Room {
  /** Takes more. @throws {Problem} 503 if there is none. */
  grow(bytes: number): void;
  /** Works once there is room for what it holds then, in the order of asking. */
  work<R>(bytes: number, run: () => Promise<R>): Promise<R>;
  /** Gives everything back. */
  leave(): void;
}

/**
 * Keeps what stands inside the server within bounds, however much comes: a call for which there is no room is told to come
 * again, before its body is read, instead of making every other one slower until memory ends.
 */
export const admission = (limits: AdmissionLimits) => {
  let calls = 0;
  let bodyBytes = 0;
  let workBytes = 0;
  const waiting: { readonly bytes: number; readonly start: () => void }[] = [];
  /** What was begun in this turn of the event loop, a call with nothing in it counted as a byte. */
  let begunBytes = 0;

  /** One that is larger than all of the room works alone. */
  const hasRoom = ({ bytes }: { bytes: number }) => workBytes === 0 || workBytes + bytes <= limits.workBytes;
  const startNext = (): void => {
    for (let [next] = waiting; next !== undefined && begunBytes < limits.turnBytes && hasRoom(next); [next] = waiting) {
      waiting.shift();
      workBytes += next.bytes;
      if (begunBytes === 0) setImmediate(nextTurn);
      begunBytes += Math.max(1, next.bytes);
      next.start();
    }
  };
  const nextTurn = (): void => {
    begunBytes = 0;
    startNext();
  };
  const full = () => unavailable('More comes in than can be taken now. Send it again with the same ids or Idempotency-Key: events count once.', 1);

  return {
    /** @throws {Problem} 503 if there is no room for a call, or for a body of this length. Its room is taken as it comes, so that a slow sender holds no more than it has sent. */
    enter: (declaredBytes: number): Room => {
      if (calls >= limits.calls || (bodyBytes > 0 && bodyBytes + declaredBytes > limits.bodyBytes)) throw full();
      calls++;
      let own = 0;
      return {
        grow: (bytes) => {
          // A call that is alone gets its room: the server's own limit on a body is smaller.
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
