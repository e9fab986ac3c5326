import { byteCache } from '../../shared/storage/byte-cache.ts';

const cache = () => byteCache<string>(10, ({ length }) => length);

test('given values that fit, then all are kept; given one more, then the one that was used longest ago is dropped', () => {
  const some = cache();
  some.set('a', 'aaaa');
  some.set('b', 'bbbb');
  expect([some.get('a'), some.get('b')]).toEqual(['aaaa', 'bbbb']);
  some.get('a');
  some.set('c', 'cccc');
  expect(['a', 'b', 'c'].map((name) => some.get(name))).toEqual(['aaaa', undefined, 'cccc']);
});

test('given another value of a name, then it replaces the first, and only its own bytes count', () => {
  const some = cache();
  some.set('a', 'aaaaaaaa');
  some.set('a', 'aa');
  some.set('b', 'bbbbbbbb');
  expect([some.get('a'), some.get('b')]).toEqual(['aa', 'bbbbbbbb']);
});

test('given a value that is larger than the cache, then nothing of it is kept, and others go', () => {
  const some = cache();
  some.set('a', 'a');
  some.set('b', 'bbbbbbbbbbbb');
  expect([some.get('a'), some.get('b')]).toEqual([undefined, undefined]);
  some.set('c', 'c');
  expect(some.get('c')).toBe('c');
});
