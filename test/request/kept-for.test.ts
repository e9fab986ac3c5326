import { keptFor } from '../../shared/request/kept-for.ts';

const setUp = (ms: number) => {
  let nowMs = 1_000;
  const answers: (() => Promise<number>)[] = [];
  let reads = 0;
  const read = keptFor(
    ms,
    () => nowMs,
    () => answers.shift()?.() ?? Promise.resolve(++reads),
  );
  return { read, answers, pass: (by: number) => (nowMs += by) };
};

test('given a read, then calls share it while it is under way and until it is too old', async () => {
  const { read, pass } = setUp(5_000);
  expect(await Promise.all([read(), read()])).toEqual([1, 1]);
  pass(4_999);
  expect(await read()).toBe(1);
  pass(1);
  expect(await read()).toBe(2);
});

test('given a clock that is set back, then it is read again', async () => {
  const { read, pass } = setUp(5_000);
  await read();
  pass(-6_000);
  expect(await read()).toBe(2);
});

test('given a failure, then the next call reads again', async () => {
  const { read, answers } = setUp(5_000);
  answers.push(() => Promise.reject(new Error('down')));
  await expect(read()).rejects.toThrow('down');
  expect(await read()).toBe(1);
});

test('given a failure that comes after a newer read, then the newer one is kept', async () => {
  const { read, answers, pass } = setUp(5_000);
  let fail: (error: Error) => void = () => {};
  answers.push(() => new Promise((_, reject) => (fail = reject)));
  const first = read();
  pass(5_000);
  expect(await read()).toBe(1);
  fail(new Error('late'));
  await expect(first).rejects.toThrow('late');
  expect(await read()).toBe(1);
});

test('given nothing to keep, then every call reads', async () => {
  const { read } = setUp(0);
  expect([await read(), await read()]).toEqual([1, 2]);
});
