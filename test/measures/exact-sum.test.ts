import { addExact, decodeSum, encodeSum } from '../../shared/measures/exact-sum.ts';

test.each([
  [null, 5n, 5],
  [5n, null, 5],
  [null, 9007199254740993n, 9007199254740993n],
  [9007199254740991, 2, 9007199254740993n],
  [9007199254740993n, -2, 9007199254740991],
  [null, null, null],
])('given %p and %p, when they are added, then the sum is a number while that is safe: %p', (a, b, sum) => {
  expect(addExact(a, b)).toBe(sum);
  expect(decodeSum(encodeSum(sum))).toBe(sum);
});
