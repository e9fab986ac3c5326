import type { CallContext } from './http.ts';
import { gone, Problem } from './problem.ts';

/** What one query may read and hold. It is also limited by how long its caller waits. */
export interface ReadLimits {
  /** Of files of batch views. */
  readonly bytes: number;
  /** Cells of the speed layer, and their bytes, which a stage pays for. */
  readonly cells: number;
  readonly cellBytes: number;
  /** Groups of a window, in views of the batch layer and in cells. */
  readonly rows: number;
  /** Groups of the answer, before its limit. */
  readonly groups: number;
}
export const READ_LIMITS: ReadLimits = { bytes: 2_000_000_000, cells: 2_000_000, cellBytes: 512 * 1024 * 1024, rows: 10_000_000, groups: 1_000_000 };

/** Checked while a query is answered; each of its calls throws once the query has to end. */
export interface Allowance {
  /** @throws {Problem} 400 past the limit, and as `check` does. */
  take(what: keyof ReadLimits, n: number): void;
  /** @throws {Problem} 499 once the caller has disconnected, 503 once its time is up. */
  check(): void;
}

/** A margin: a function that its platform kills answers nothing at all. */
const MARGIN_MS = 1_000;
/** Reading the clock costs more than taking a row. */
const ROWS_A_CHECK = 1_024;

const NAMES: Readonly<Record<keyof ReadLimits, string>> = {
  bytes: 'bytes of batch views',
  cells: 'cells',
  cellBytes: 'bytes of cells',
  rows: 'rows',
  groups: 'groups',
};
const NARROWER = 'Ask for a shorter range (from, to), fewer groups (by), or fewer measures.';

export const allowance = (context: CallContext, limits: ReadLimits): Allowance => {
  const taken = { bytes: 0, cells: 0, cellBytes: 0, rows: 0, groups: 0 };
  let unchecked = 0;
  const check = (): void => {
    if (context.signal?.aborted) throw gone();
    if (context.getRemainingTimeInMillis() < MARGIN_MS) throw tooSlow();
  };
  return {
    check,
    take: (what, n) => {
      taken[what] += n;
      if (taken[what] > limits[what]) throw tooMuch(`Expected to read at most ${limits[what].toLocaleString('en-US')} ${NAMES[what]}, got more.`);
      if (what === 'bytes') return;
      unchecked += n;
      if (unchecked < ROWS_A_CHECK) return;
      unchecked = 0;
      check();
    },
  };
};

export const tooMuch = (what: string): Problem => new Problem(400, 'too-much', 'The query reads too much', `${what} ${NARROWER}`);
export const tooSlow = (): Problem =>
  new Problem(503, 'too-slow', 'The query takes too long', `Expected an answer within the time limit of queries, got none. ${NARROWER}`);
