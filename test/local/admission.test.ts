import { type AdmissionLimits, admission } from '../../local/admission.ts';
import { Problem } from '../../shared/request/problem.ts';

const LIMITS: AdmissionLimits = { bodyBytes: 100, workBytes: 50, tickBytes: 1_000, calls: 3 };
const refusalOf = (run: () => unknown): Problem | null => {
  try {
    run();
    return null;
  } catch (error) {
    return error as Problem;
  }
};

test('given more calls, or longer bodies, than there is room for, then they are told to come again, until others have left', () => {
  const doors = admission(LIMITS);
  const [a, b] = [doors.enter(0), doors.enter(90)];
  a.grow(60);
  expect(refusalOf(() => doors.enter(41))).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  expect(refusalOf(() => b.grow(41))).toBeInstanceOf(Problem);
  b.grow(40);
  doors.enter(0);
  expect(refusalOf(() => doors.enter(0))).toMatchObject({ status: 503 });
  a.leave();
  doors.enter(60).grow(60);
});

test('given a call that is alone, then it gets its room, however large', () => {
  const room = admission(LIMITS).enter(5_000);
  room.grow(3_000);
  room.grow(2_000);
});

test('given work that holds more than may be held at the same time, then it waits for its turn, in order, and failures give their room back', async () => {
  const doors = admission({ ...LIMITS, calls: 10 });
  const begun: string[] = [];
  const ends = new Map<string, (error: Error | null) => void>();
  const start = (name: string, bytes: number) =>
    doors.enter(0).work(bytes, () => {
      begun.push(name);
      return new Promise<string>((resolve, reject) => ends.set(name, (error) => (error === null ? resolve(name) : reject(error))));
    });
  const [a, b, c, d] = [start('a', 30), start('b', 40), start('c', 10), start('d', 500)];
  await new Promise(setImmediate);
  expect(begun).toEqual(['a']); // c would fit, but b was first
  ends.get('a')?.(new Error('it failed'));
  await expect(a).rejects.toThrow('it failed');
  await new Promise(setImmediate);
  expect(begun).toEqual(['a', 'b', 'c']);
  ends.get('b')?.(null);
  await b;
  expect(begun).not.toContain('d');
  ends.get('c')?.(null);
  await c;
  await new Promise(setImmediate);
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  ends.get('d')?.(null);
  expect(await d).toBe('d');
});

test('given more work than one turn of the event loop begins, then others have their turns in between', async () => {
  const doors = admission({ ...LIMITS, workBytes: 1_000, tickBytes: 20, calls: 10 });
  const seen: string[] = [];
  const others = () => setImmediate(() => void (seen.push('others') < 12 && others()));
  others();
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => doors.enter(0).work(10, async () => void seen.push(name))));
  expect(seen).toEqual(['a', 'b', 'others', 'c', 'd', 'others', 'e']);
});
