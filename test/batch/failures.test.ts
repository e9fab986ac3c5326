import { type Failures, failures, isBackingOff } from '../../shared/batch/failures.ts';
import { memoryCells } from '../support/world.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');
const HOUR = 3_600_000;
const store = memoryCells(() => NOW);
afterAll(() => store.close());

test('given failures one after another, then each is followed by twice the rest of the one before, six hours at most, and none is left once a run publishes', async () => {
  const { note, read, clear } = failures(store);
  const rests: number[] = [];
  for (let i = 0; i < 9; i++) {
    await note(`error ${i}`, 'hits@1', NOW + i, 300_000);
    rests.push(((await read())?.nextTryMs ?? 0) - NOW - i);
  }
  expect(rests.map((ms) => ms / 60_000)).toEqual([5, 10, 20, 40, 80, 160, 320, 360, 360]);
  expect(await read()).toMatchObject({ times: 9, sinceMs: NOW, lastMs: NOW + 8, error: 'error 8' });
  await clear();
  expect(await read()).toBeNull();
  await note('again', 'hits@1', NOW, 300_000);
  expect(await read()).toMatchObject({ times: 1, nextTryMs: NOW + 300_000 });
});

describe('a rest after a failure', () => {
  const failing: Failures = { times: 3, sinceMs: NOW - HOUR, lastMs: NOW, error: 'no memory', nextTryMs: NOW + HOUR, definitions: 'hits@1' };
  const during = { nowMs: NOW + 1, definitions: 'hits@1', requestedAtMs: null };
  test.each([
    ['that never was', null, during, false],
    ['that goes on', failing, during, true],
    ['that is over', failing, { ...during, nowMs: NOW + HOUR }, false],
    ['and a request from before it', failing, { ...during, requestedAtMs: NOW }, true],
    ['and a request that came since', failing, { ...during, requestedAtMs: NOW + 1 }, false],
    ['and other definitions', failing, { ...during, definitions: 'hits@2' }, false],
    ['that a clock set which was ahead by a second', failing, { ...during, nowMs: NOW - 1_000 }, false],
    ['that a clock set which was ahead by days', failing, { ...during, nowMs: NOW - 72 * HOUR }, false],
  ])('%s', (_, noted, at, expected) => {
    expect(isBackingOff(noted, at)).toBe(expected);
  });
});
