import { z } from 'zod';
import { count, definePipeline, event, latest, max, mean, metric, min, quantiles, sum, top } from '../../shared/pipeline.ts';
import type { Answer } from '../../shared/query/answered.ts';
import { answerHeader, csv } from '../../shared/query/csv.ts';
import { parsePlan } from '../../shared/query/parse-plan.ts';
import type { Row } from '../../shared/query/rows.ts';
import { random, seeds } from '../../testing/random.ts';
import { anyText } from '../support/texts.ts';

const hit = event(z.object({ at: z.iso.datetime(), name: z.string(), n: z.int(), x: z.number(), ok: z.boolean() }), { time: 'at' });
const { metrics } = definePipeline({
  events: { hit },
  metrics: {
    hits: metric(hit, {
      dimensions: { name: hit.name },
      measures: {
        hits: count(),
        n: sum(hit.n),
        usual: mean(hit.n),
        least: min(hit.x),
        most: max(hit.name),
        last: latest(hit.name),
        flag: latest(hit.ok),
        none: max(hit.n),
        sizes: quantiles(hit.n),
        tops: top(hit.name),
      },
    }),
  },
});
const { definition, formulas } = metrics.hits as (typeof metrics)[string];
const window = '2015-09-12T00:00:00.000Z';
const namesIn = (names: readonly { readonly name: string }[], row: Row) => names.filter(({ name }) => Object.hasOwn(row, name)).map(({ name }) => name);
const asked = (row: Row) => {
  const [by, measures] = [namesIn(definition.dimensions, row), namesIn([...definition.measures, ...formulas], row)];
  const parameters = { ...(by.length === 0 ? {} : { by }), measures: measures.length === 0 ? ['hits'] : measures };
  return { ...parsePlan(new Map(Object.entries(parameters)), definition, formulas, 0), ...(measures.length === 0 ? { figures: [] } : {}) };
};
const textOf = (...rows: readonly [Row, ...Row[]]) => csv({ rows } as unknown as Answer, definition, asked(rows[0]));
/** The fields of its one row, read by the rules of RFC 4180. */
const fieldsOf = (row: Row): string[] => {
  const [, ...rest] = [...textOf(row).matchAll(/((?:"(?:[^"]|"")*"|[^",\r\n]*)(?:,|\r\n))/g)].map(([, field = '']) => field);
  const own = rest.slice(Object.keys(row).length - 1);
  return own.map((field) => field.replace(/(,|\r\n)$/, '')).map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field));
};

const STARTS = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];

test.each(STARTS.flatMap((start) => [start, `${start}1+1`, `${start}cmd|' /C calc'!A0`, `${start}"x",y\r\n${start}z`]))(
  'given the text %j in a dimension and in a measure, then a single quote stands before it',
  (text) => {
    expect(fieldsOf({ window, name: text, last: text })).toEqual([window, `'${text}`, `'${text}`]);
  },
);

test.each(['', 'a=1', ' =1', "'", "'=1", '"=1"', '1-1', '#en.wikipedia', '0', 'é', '.+', '_@'])('given the text %j, then it is as it came', (text) => {
  expect(fieldsOf({ window, name: text })).toEqual([window, text]);
});

test('given numbers, then they are as they are, negative or not; so are true, false and nothing', () => {
  const row = { window, n: -5, usual: -0.5, least: -1e-7, most: 1e300, flag: true, none: null, sizes: { p50: -5, p90: -2, p99: -1 } };
  expect(fieldsOf({ window, n: -5, usual: -0.5, least: -1e-7, most: 1e300, flag: true, none: null })).toEqual([
    window,
    '-5',
    '-0.5',
    '-1e-7',
    '1e+300',
    'true',
    '',
  ]);
  expect(textOf(row).split('\r\n')).toEqual([
    'window,n,usual,least,most,flag,none,sizes.p50,sizes.p90,sizes.p99',
    `${window},-5,-0.5,-1e-7,1e+300,true,,-5,-2,-1`,
    '',
  ]);
});

test('given a list of texts, then it is JSON in one field, which begins no formula', () => {
  const tops = [{ value: '=1+1', count: 2 }];
  expect(fieldsOf({ window, tops })).toEqual([window, JSON.stringify(tops)]);
});

test('given any texts, then each is in its own field, with a quote only where a formula would begin', () => {
  const safe = (text: string) => (STARTS.some((start) => text.startsWith(start)) ? `'${text}` : text);
  for (const seed of seeds(3)) {
    const r = random(seed);
    for (let i = 0; i < 500; i++) {
      const [name, last] = [anyText(r, 12), anyText(r, 12)];
      expect([seed, i, fieldsOf({ window, name, last })]).toEqual([seed, i, [window, safe(name), safe(last)]]);
    }
  }
});

test('given no rows, then the header has the columns that were asked for', () => {
  const none = csv({ rows: [] } as unknown as Answer, definition, asked({ window, name: '', n: 0, sizes: {} }));
  expect(none).toBe('window,name,n,sizes.p50,sizes.p90,sizes.p99\r\n');
});

test('given null and an empty text, then they differ', () => {
  expect(textOf({ window, name: null, last: '' }).split('\r\n')[1]).toBe(`${window},,""`);
});

test('given exact numbers as text, then none has a quote before it', () => {
  expect(textOf({ window, name: '-1+1', n: '-9007199254740993', usual: '-0.5' }).split('\r\n')[1]).toBe(`${window},'-1+1,-9007199254740993,-0.5`);
});

test('given an answer, then the header says all but its rows, in plain ASCII', () => {
  const answer = { metric: 'hits', rows: [{ window }], provenance: { generation: 'ü😀' }, undercounts: { tops: 3 } } as unknown as Answer;
  expect(answerHeader(answer)).toMatch(/^[ -~]+$/);
  expect(JSON.parse(answerHeader(answer))).toEqual({ metric: 'hits', provenance: { generation: 'ü😀' }, undercounts: { tops: 3 } });
});
