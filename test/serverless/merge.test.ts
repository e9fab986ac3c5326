import { createRequire } from 'node:module';

interface Pair {
  readonly path: readonly string[];
  readonly ours: unknown;
  readonly users: unknown;
}
const { merge } = createRequire(import.meta.url)('../../resources/merge.cjs') as {
  merge: (ours: unknown, users: unknown, later: Pair[], path: readonly string[]) => unknown;
};

test('what the file says wins key by key, and its lists are its own', () => {
  const ours = { memorySize: 512, tags: { service: 's', stage: 'dev' }, events: [1, 2], timeout: 29 };
  const users = { memorySize: 640, tags: { team: 'data', stage: 'x' }, events: [3], vpc: { id: 1 }, timeout: null };
  const expected = { memorySize: 640, tags: { service: 's', stage: 'x', team: 'data' }, events: [3], vpc: { id: 1 }, timeout: 29 };
  expect(merge(ours, users, [], [])).toEqual(expected);
});

test('an object beside a variable is merged once the variable is resolved', () => {
  const later: Pair[] = [];
  const [ours, users] = ['$' + '{file(a.yml)}', { EXTRA: '1' }];
  expect(merge({ environment: ours }, { environment: users }, later, ['provider'])).toEqual({ environment: ours });
  expect(later).toEqual([{ path: ['provider', 'environment'], ours, users }]);
});
