import { csvOf } from '../../dashboard/data/csv.ts';
import { changeOf, number, share, shortNumber } from '../../dashboard/words/numbers.ts';

test.each([
  [110, 100, '+10 %', 1],
  [1_124, 1_000, '+12 %', 1],
  [99, 100, '−1.0 %', -1],
  [720, 100, '×7.2', 1],
  [5, 3, 'was 3', 0],
  [100, 100, 'same', 0],
  [0, 0, 'same', 0],
  [4, 0, 'new', 1],
])('a change to %d from %d is said as %s', (now, before, text, direction) => expect(changeOf(now, before)).toMatchObject({ text, direction }));
test('of what nothing is known there is no change', () => expect([changeOf(null, 3), changeOf(3, undefined)]).toEqual([null, null]));

test('numbers are exact while they are short', () => {
  expect([number(39_244), number(0.123456), number(null), shortNumber(999_999), shortNumber(5_213_000), shortNumber(-2_500_000)]).toEqual([
    '39,244',
    '0.1235',
    '–',
    '999,999',
    '5.21M',
    '-2.5M',
  ]);
  expect([share(1, 3), share(1, 100_000), share(1, 30), share(0, 5), share(1, 0)]).toEqual(['33 %', '<0.1 %', '3.3 %', '0 %', '–']);
});

test('CSV quotes what it must, and no spreadsheet runs a text of it', () => {
  expect(csvOf([['a', 'b,c', 'd"e', '=1+1', '-x', -5, null, '']])).toBe('a,"b,c","d""e",\'=1+1,\'-x,-5,,""\r\n');
});
