import { allowance, READ_LIMITS } from '../../shared/request/allowance.ts';

describe('what a question may take', () => {
  let msLeft: number;
  let aborted: boolean;
  const open = () =>
    allowance(
      {
        getRemainingTimeInMillis: () => msLeft,
        signal: {
          get aborted() {
            return aborted;
          },
        },
      },
      { ...READ_LIMITS, rows: 5_000 },
    );
  beforeEach(() => {
    msLeft = 30_000;
    aborted = false;
  });

  test('given as much as it may read, then it goes on; one more is refused, with what to narrow', () => {
    const { take } = open();
    take('rows', 5_000);
    expect(() => take('rows', 1)).toThrow(
      expect.objectContaining({
        status: 400,
        kind: 'too-much',
        message: 'Expected to read at most 5,000 rows, got more. Ask for a shorter range (from, to), fewer groups (by), or fewer measures.',
      }),
    );
  });

  test('given more bytes of cells than it may read, then it is refused', () => {
    const { take } = open();
    for (let i = 0; i < 1_789; i++) take('cellBytes', 300_000);
    expect(() => take('cellBytes', 300_000)).toThrow(
      expect.objectContaining({ status: 400, message: expect.stringContaining('at most 536,870,912 bytes of cells, got more. Ask for a shorter range') }),
    );
  });

  test('given that its time is up, then it ends within some thousand rows, before the platform ends it', () => {
    const { take, check } = open();
    msLeft = 999;
    expect(check).toThrow(expect.objectContaining({ status: 503, kind: 'too-slow' }));
    expect(() => {
      for (let i = 0; i < 1_024; i++) take('rows', 1);
    }).toThrow(expect.objectContaining({ status: 503, kind: 'too-slow' }));
  });

  test('given that its caller has gone, then it ends', () => {
    const { check } = open();
    check();
    aborted = true;
    expect(check).toThrow(expect.objectContaining({ status: 499, kind: 'gone' }));
  });
});
