import { type Latest, latest } from '../../dashboard/state/latest.ts';

/** Questions that are answered by hand. */
const given = () => {
  const shown: Latest<string, string>[] = [];
  const asked: { readonly key: string; readonly signal: AbortSignal; readonly answer: (text: string) => void; readonly fail: (why: string) => void }[] = [];
  const { want, end } = latest<string, string>((next) => shown.push(next), String);
  const ask = (key: string) =>
    want(key, (signal) => {
      const { promise, resolve, reject } = withResolvers();
      asked.push({ key, signal, answer: resolve, fail: reject });
      return promise;
    });
  return { shown, asked, ask, end };
};
const withResolvers = () => {
  let [resolve, reject] = [(_: string): void => {}, (_: string): void => {}];
  const promise = new Promise<string>((yes, no) => {
    [resolve, reject] = [yes, no];
  });
  return { promise, resolve, reject };
};
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('the same question waits for its answer, which is shown, and is then asked once more', async () => {
  const { shown, asked, ask } = given();
  for (let i = 0; i < 5; i++) ask('edits');
  expect(asked).toHaveLength(1);
  asked[0]?.answer('1');
  await settled();
  expect(shown).toEqual([{ key: 'edits', value: '1', error: null }]);
  expect(asked).toHaveLength(2);
  asked[1]?.answer('2');
  await settled();
  expect(shown.at(-1)?.value).toBe('2');
  expect(asked).toHaveLength(2);
});
test('another question aborts the one before, whose answer is never shown', async () => {
  const { shown, asked, ask } = given();
  ask('a');
  ask('b');
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  asked[1]?.answer('of b');
  asked[0]?.answer('of a');
  await settled();
  expect(shown).toEqual([{ key: 'b', value: 'of b', error: null }]);
});
test('an error keeps the answer to the same question, and no answer to another one', async () => {
  const { shown, asked, ask } = given();
  ask('a');
  asked[0]?.answer('of a');
  await settled();
  ask('a');
  asked[1]?.fail('down');
  await settled();
  expect(shown.at(-1)).toEqual({ key: 'a', value: 'of a', error: 'down' });
  ask('b');
  asked[2]?.fail('wrong');
  await settled();
  expect(shown.at(-1)).toEqual({ key: 'b', value: null, error: 'wrong' });
});
test('after the end nothing is shown', async () => {
  const { shown, asked, ask, end } = given();
  ask('a');
  end();
  asked[0]?.answer('late');
  await settled();
  expect(shown).toEqual([]);
  expect(asked[0]?.signal.aborted).toBe(true);
});
