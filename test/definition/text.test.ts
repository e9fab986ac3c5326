import fc from 'fast-check';
import { compareText, LOWER, lowerCase, UPPER } from '../../shared/definition/text.ts';
import { RUNS } from '../laws/specs.ts';

test('given any well-formed texts, then they are ordered as their UTF-8 bytes are', () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom('a', 'z', 'é', '\ud7ff', '\ue000', '\uffee', '\uffff', '😀', '𝒳'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
  });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      expect(Math.sign(compareText(a, a + b))).toBe(b === '' ? 0 : -1);
    }),
    { ...RUNS, numRuns: 3_000 },
  );
});

test('given letters that change, then each becomes one other letter, which SQL translates alike', () => {
  expect([...UPPER].length).toBe([...LOWER].length);
  expect(new Set(UPPER).size).toBe([...UPPER].length);
  expect([...UPPER].some((letter) => LOWER.includes(letter))).toBe(false);
  expect(lowerCase(UPPER)).toBe(LOWER);
  expect(lowerCase(LOWER)).toBe(LOWER);
});
