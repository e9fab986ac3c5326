import fc from 'fast-check';
import { compareText, lowerCase, upperCase } from '../../shared/definition/text.ts';
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
  expect([...lowerCase.from].length).toBe([...lowerCase.to].length);
  expect(new Set(lowerCase.from).size).toBe([...lowerCase.from].length);
  expect([...lowerCase.from].some((letter) => lowerCase.to.includes(letter))).toBe(false);
  expect(lowerCase.of(lowerCase.from)).toBe(lowerCase.to);
  expect(lowerCase.of(lowerCase.to)).toBe(lowerCase.to);
});

test('given letters that upper case changes, then each becomes one other letter of the range, and lower case turns most of them back', () => {
  expect([...upperCase.from].length).toBe([...upperCase.to].length);
  expect(new Set(upperCase.from).size).toBe([...upperCase.from].length);
  expect(upperCase.of(upperCase.from)).toBe(upperCase.to);
  expect(upperCase.of('straße, Émile, Σας, да, ½')).toBe('STRAßE, ÉMILE, ΣΑΣ, ДА, ½');
  expect([...upperCase.to].every((letter) => letter <= '\u052f')).toBe(true);
});
