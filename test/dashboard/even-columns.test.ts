import { evenColumns } from '../../dashboard/overview/even-columns.ts';

test.each([
  [10, 1_150, 5],
  [7, 1_150, 7],
  [8, 1_150, 4],
  [7, 760, 4],
  [4, 400, 2],
  [3, 100, 1],
  [1, 1_150, 1],
])('%i cards in %i px are in %i columns', (count, width, columns) => expect(evenColumns(count, width, 150)).toBe(columns));
