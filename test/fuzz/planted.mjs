// Shows that the fuzz can fail: puts one fault at a time into a copy of the product, and demands that it is found.
//   node test/fuzz/planted.mjs
import { faultyCopy } from '../support/faulty-copy.mjs';
import { MUTATIONS } from './mutation-list.mjs';

const RUNS = process.env.RUNS ?? '60';

const copy = faultyCopy();
let missed = 0;
try {
  for (const fault of MUTATIONS) {
    const { status, stderr } = copy.with(fault, () => copy.jest('test/fuzz', { RUNS, SEED: '1' }));
    const seed = /SEED=(\d+) npm run fuzz/.exec(stderr)?.[1];
    if (status !== 0 && seed === undefined) throw new Error(`Expected an answer to be wrong, but the fuzz itself failed:\n${stderr}`);
    if (status === 0) missed++;
    console.log(`${status === 0 ? `NOT FOUND in ${RUNS} runs` : `found at run ${seed}`}  ${fault.name}`);
  }
} finally {
  copy.remove();
}
process.exitCode = missed === 0 ? 0 : 1;
