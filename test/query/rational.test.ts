import { over, plus, rationalOf, times, toNumber, toText } from '../../shared/query/rational.ts';
import { random } from '../../testing/random.ts';

test.each([
  ['0.1', '0.2', '0.3'],
  ['9007199254740993', '0.01', '9007199254740993.01'],
  ['-1e-7', '1e-7', '0'],
  ['1e21', '1', '1000000000000000000001'],
])('%s + %s is %s', (a, b, sum) => {
  expect(toText(plus(rationalOf(a), rationalOf(b)))).toBe(sum);
});

test('a quotient without end is the nearest double, one with an end is exact', () => {
  const third = over(rationalOf('1'), rationalOf('3'));
  expect([third && toNumber(third), third && toText(third)]).toEqual([1 / 3, '0.3333333333333333']);
  const eighth = over(rationalOf('-1'), rationalOf('8'));
  expect([eighth && toNumber(eighth), eighth && toText(eighth)]).toEqual([-0.125, '-0.125']);
  expect(over(rationalOf('1'), rationalOf('0'))).toBeNull();
});

test('what is larger than any double is null', () => {
  const large = times(rationalOf('1.7e308'), rationalOf('10'));
  expect([toNumber(large), toNumber(times(large, rationalOf('0.01')))]).toEqual([null, 1.7e307]);
});

test('any double is read as its shortest decimal, and written back as the same', () => {
  const r = random(7);
  for (let i = 0; i < 2_000; i++) {
    const value = (r.next() - 0.5) * 10 ** r.integer(-20, 20);
    expect(toNumber(rationalOf(String(value)))).toBe(value);
  }
});
