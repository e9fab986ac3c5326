// Shows that the model checker can fail: puts one fault at a time into a copy of the product, and counts the histories until it is caught.
//   node test/faults/mutations.mjs             all of them
//   node test/faults/mutations.mjs compare     those whose name holds the word
// HISTORIES=1000 sets how many histories a mutation may survive. Ends with 1 if one is not caught, or no longer fits the source.
import { faultyCopy } from '../support/faulty-copy.mjs';
import { MUTATIONS } from './mutation-list.mjs';

const { HISTORIES: MOST = '2000' } = process.env;
const words = process.argv.slice(2);
const chosen = MUTATIONS.filter(({ name }) => words.every((word) => name.includes(word)));

/** What the checker says of the copy: after how many histories it failed, or null, and why. */
const check = (copy, histories) => {
  const { stdout, stderr, status, signal } = copy.jest('test/faults/histories', { HISTORIES: histories, SHRINK: '0', SEED: undefined, FIRST_SEED: undefined });
  if (status === 0) return { failedAt: null, why: '' };
  const failedAt = /History (\d+) of/.exec(stderr)?.[1];
  if (failedAt === undefined) throw new Error(`Expected a history to fail, but the checker itself did (${status ?? signal}):\n${stdout}${stderr}`);
  return { failedAt: Number(failedAt), why: /checked\n\n\s*(.*)/.exec(stderr)?.[1] ?? '' };
};

const copy = faultyCopy();
let survivors = 0;
try {
  const control = check(copy, '10');
  if (control.failedAt !== null) throw new Error(`Expected the product itself to pass, but history ${control.failedAt} fails: ${control.why}`);
  for (const fault of chosen) {
    const { failedAt, why } = copy.with(fault, () => check(copy, MOST));
    if (failedAt === null) survivors++;
    console.log(`${failedAt === null ? `NOT CAUGHT in ${MOST}` : `caught at ${String(failedAt).padStart(4)}`}  ${fault.name}  ${why.slice(0, 140)}`);
  }
} finally {
  copy.remove();
}
console.log(`${chosen.length - survivors} of ${chosen.length} mutations caught`);
process.exitCode = survivors === 0 ? 0 : 1;
