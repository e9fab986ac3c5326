import { lease } from '../../shared/batch/lease.ts';
import { memoryCells } from '../support/world.ts';

describe('a lease', () => {
  const make = () => {
    const at = { ms: 1_000_000 };
    const clock = () => at.ms;
    const store = memoryCells(clock);
    return { at, alone: lease({ store, clock, name: 'work' }) };
  };
  const stuck = () => new Promise<never>(() => {});

  test('lets one in at a time, and the next one when that has ended', async () => {
    const { alone } = make();
    let end = () => {};
    const first = alone(
      () => 1_000,
      () => new Promise<string>((resolve) => (end = () => resolve('first'))),
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(
      await alone(
        () => 1_000,
        async () => 'second',
      ),
    ).toBeNull();
    end();
    expect(await first).toBe('first');
    expect(
      await alone(
        () => 1_000,
        async () => 'third',
      ),
    ).toBe('third');
  });

  test('lets go when the work fails, and hands its error on', async () => {
    const { alone } = make();
    await expect(
      alone(
        () => 1_000,
        () => Promise.reject(new Error('no')),
      ),
    ).rejects.toThrow('no');
    expect(
      await alone(
        () => 1_000,
        async () => 'next',
      ),
    ).toBe('next');
  });

  test('of somebody who was killed ends by time, not before their time was up', async () => {
    const { at, alone } = make();
    void alone(() => 60_000, stuck);
    await new Promise((resolve) => setImmediate(resolve));
    at.ms += 60_000;
    expect(
      await alone(
        () => 60_000,
        async () => 'early',
      ),
    ).toBeNull();
    at.ms += 60_000;
    expect(
      await alone(
        () => 60_000,
        async () => 'late',
      ),
    ).toBe('late');
  });

  test('that ran out is not let go of in the name of its next holder', async () => {
    const { at, alone } = make();
    let end = () => {};
    const slow = alone(
      () => 1_000,
      () => new Promise<void>((resolve) => (end = resolve)),
    );
    await new Promise((resolve) => setImmediate(resolve));
    at.ms += 60_000;
    void alone(() => 60_000, stuck);
    await new Promise((resolve) => setImmediate(resolve));
    end();
    await slow;
    expect(
      await alone(
        () => 60_000,
        async () => 'third',
      ),
    ).toBeNull();
  });
});
