import { changedDays, rowsAt, within } from '../../shared/lookups/in-force.ts';

const at = (table: string, from: string, rows: string) => ({ table, from: from === '' ? '' : `2026-11-${from}:00:00.000Z`, rows });
const T = new Set(['t']);
const DAYS = ['2026-11-18', '2026-11-19', '2026-11-20', '2026-11-21'];
const BASE = [at('t', '', 'a'), at('u', '18T00', 'x'), at('t', '20T06', 'b')];

test('given versions, then the last that begins at or before a time is in force, and of two that begin together the later one', () => {
  const versions = [...BASE, at('t', '20T06', 'c')];
  expect(['2026-11-20T05:59:59.999Z', '2026-11-20T06:00:00.000Z', '9999-12-31T00:00:00.000Z'].map((time) => rowsAt(versions, 't', time))).toEqual([
    'a',
    'c',
    'c',
  ]);
  expect(rowsAt(versions, 'u', '2026-11-17T23:59:59.999Z')).toBeNull();
  expect(rowsAt(versions, 'v', '2026-11-20T00:00:00.000Z')).toBeNull();
});

test('given a range of times, then those that may be in force in it are the ones that begin in it, and the one before', () => {
  const rows = (from: string, to: string) => within(BASE, T, from, to).map((one) => one.rows);
  expect(rows('2026-11-18T00:00:00.000Z', '2026-11-20T06:00:00.000Z')).toEqual(['a']);
  expect(rows('2026-11-18T00:00:00.000Z', '2026-11-20T06:00:00.001Z')).toEqual(['a', 'b']);
  expect(rows('2026-11-20T06:00:00.000Z', '2026-11-21T00:00:00.000Z')).toEqual(['b']);
});

test.each([
  ['nothing', BASE, []],
  ['another table', [...BASE, at('u', '', 'y')], []],
  ['a later version', [...BASE, at('t', '21T12', 'c')], ['2026-11-21']],
  ['a correction within a day', [at('t', '', 'a'), at('t', '19T10', 'c'), at('t', '20T06', 'b')], ['2026-11-19', '2026-11-20']],
  ['a correction at the end of a day', [at('t', '', 'a'), at('t', '20T00', 'c'), at('t', '20T06', 'b')], ['2026-11-20']],
  ['the same rows again', [at('t', '', 'a'), at('t', '19T10', 'a'), at('t', '20T06', 'b')], []],
  ['an undone version', [at('t', '', 'a')], ['2026-11-20', '2026-11-21']],
  ['an undone first version', [at('t', '20T06', 'b')], ['2026-11-18', '2026-11-19', '2026-11-20']],
])('given %s, then the days with other rows are %j', (_, after, days) => {
  expect(changedDays(BASE, after, T, DAYS)).toEqual(days);
  expect(changedDays(after, BASE, T, DAYS)).toEqual(days);
});
