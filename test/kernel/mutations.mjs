// Shows that the differential test can fail: puts one fault at a time into the kernel's sources, compiles them, and compares the two paths.
//   node test/kernel/mutations.mjs             all of them
//   node test/kernel/mutations.mjs escape      those whose name holds the word
// Ends with 1 if one is not caught, or no longer fits the source.
import { faultyCopy } from '../support/faulty-copy.mjs';
import { MUTATIONS } from './mutation-list.mjs';

const chosen = MUTATIONS.filter(({ name }) => process.argv.slice(2).every((word) => name.includes(word)));
const copy = faultyCopy();
const isCaught = () => {
  const compiled = copy.node('scripts/kernel.mjs');
  if (compiled.status !== 0) throw new Error(`Expected the kernel to compile:\n${compiled.stderr}`);
  const { status, stderr } = copy.jest('test/kernel/differential', { LONG: '' });
  if (stderr.includes('Test suite failed to run')) throw new Error(`Expected the paths to differ, but the test itself failed:\n${stderr}`);
  return status !== 0;
};
let survivors = 0;
try {
  if (isCaught()) throw new Error('Expected the kernel itself to pass');
  for (const fault of chosen) {
    const caught = copy.with(fault, isCaught);
    if (!caught) survivors++;
    console.log(`${caught ? 'caught    ' : 'NOT CAUGHT'}  ${fault.name}`);
  }
} finally {
  copy.remove();
}
console.log(`${chosen.length - survivors} of ${chosen.length} mutations caught`);
process.exitCode = survivors === 0 ? 0 : 1;
