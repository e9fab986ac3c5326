import { Problem } from '../request/problem.ts';

/** The events of a cut can no longer be said, or never could: its answer has to be asked for again. */
export const cutGone = (why: string): Problem =>
  new Problem(409, 'cut-gone', 'The number can no longer be explained', `${why} Ask for the answer again, and explain it with its new cut.`);
/** The speed layer has what cannot be listed; the batch layer will have it. */
export const notYet = (why: string): Problem =>
  new Problem(409, 'cut-gone', 'The number cannot be explained yet', `${why} It can be once the next generation is published: ask for the answer again then.`);
/** A list is refused for its size. @param narrower what to ask for instead. */
export const tooMuch = (expected: string, narrower: string): Problem => new Problem(400, 'too-much', 'The list reads too much', `${expected} ${narrower}`);
export const SHORTER = 'Explain a row of a shorter window (every), or of a shorter range (from, to).';
export const OF_A_TIME = "Give the event's time by from and to.";
