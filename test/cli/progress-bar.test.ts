import { jest } from '@jest/globals';
import { progressBar } from '../../cli/feed/progress-bar.ts';

const written: string[] = [];
beforeEach(() => {
  written.length = 0;
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  jest.spyOn(performance, 'now').mockReturnValueOnce(0).mockReturnValue(2_000);
});
afterEach(() => {
  jest.restoreAllMocks();
});

test('given a terminal, then the bar is drawn in place, with the rate and the time that is left', () => {
  const bar = progressBar({ total: 200, before: 0, terminal: true });
  bar.update(50, 10_000);
  bar.update(200, 40_000);
  bar.end();
  expect(written).toEqual([
    `\r\x1b[K[${'█'.repeat(8)}${'·'.repeat(22)}] 25%  10,000 events, 5,000/s, 6 s left`,
    `\r\x1b[K[${'█'.repeat(30)}] 100%  40,000 events, 20,000/s`,
    '\n',
  ]);
});

test('given a part that was done before, then the time that is left is by what is new', () => {
  progressBar({ total: 1_000, before: 500, terminal: true }).update(501, 10);
  expect(written).toEqual([`\r\x1b[K[${'█'.repeat(15)}${'·'.repeat(15)}] 50%  10 events, 5/s, 17 min left`]);
});

test('given no terminal, then there is a line for each tenth, and no more', () => {
  const bar = progressBar({ total: 100, before: 0, terminal: false });
  for (let done = 1; done <= 100; done++) bar.update(done, done * 10);
  bar.end();
  expect(written).toHaveLength(10);
  expect(written[0]).toBe(`[███${'·'.repeat(27)}] 10%  100 events, 50/s, 18 s left\n`);
});

test('given a source of unknown size, then it counts', () => {
  const bar = progressBar({ total: null, before: 0, terminal: true });
  bar.update(5, 7);
  expect(written).toEqual(['\r\x1b[K7 events, 4/s']);
});

test('given the same note again and again, then it is written once', () => {
  const bar = progressBar({ total: 1, before: 0, terminal: false });
  for (const text of ['a', 'a', 'b', 'a']) bar.note(text);
  expect(written).toEqual(['a\n', 'b\n', 'a\n']);
});
