import { readFileSync } from 'node:fs';

interface Fault {
  readonly name: string;
}
type Read = (file: string) => string;
const load = (suite: string) => import(`../${suite}/mutation-list.mjs`) as Promise<{ readonly MUTATIONS: readonly Fault[] }>;
const { faultyTexts } = (await import('../support/faulty-copy.mjs' as string)) as {
  readonly faultyTexts: (fault: Fault, read: Read) => readonly { readonly file: string; readonly text: string }[];
};
const read: Read = (file) => readFileSync(file, 'utf8');

// Only CI plays these faults, and some only their author: a change of the product must not leave one behind.
test.each(['faults', 'fuzz', 'kernel'])('given the faults of test/%s, then each still fits the product, and changes it', async (suite) => {
  const { MUTATIONS } = await load(suite);
  expect(MUTATIONS.length).toBeGreaterThan(0);
  expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
  for (const fault of MUTATIONS) for (const { file, text } of faultyTexts(fault, read)) expect(text === read(file) ? fault.name : null).toBeNull();
});
