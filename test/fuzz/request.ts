import type { System } from '../support/system.ts';
import type { Answer, FilterSpec, Question, Row } from './spec.ts';

// A question as a request, and what its reply says.

const iso = (ms: number): string => new Date(ms).toISOString();
const parametersOf = ({ fromMs, toMs, by, measures, order, offset, limit, fill, top, totals, compare, over, ...plain }: Question): Record<string, string> => ({
  ...{ from: iso(fromMs), to: iso(toMs), tz: plain.tz, week: plain.week, every: plain.every, measures: measures.join() },
  ...(by.length === 0 ? {} : { by: by.join() }),
  ...(order === null ? {} : { order }),
  ...(offset === 0 ? {} : { offset: String(offset) }),
  ...(limit === null ? {} : { limit: String(limit) }),
  ...(fill === null ? {} : { fill }),
  ...(top === null ? {} : { top: String(top.groups), other: String(top.other) }),
  ...(totals ? { totals: 'true' } : {}),
  ...(compare === null ? {} : { compare: typeof compare === 'string' ? compare : `${iso(compare.fromMs)}..${iso(compare.toMs)}` }),
  ...(over === null ? {} : { over }),
});
/** A value that is empty or has a comma in it needs the brackets. */
const filterText = ({ dimension, is, values }: FilterSpec): string => {
  const name = `filter[${dimension}]${['in', 'null', 'value'].includes(is) ? '' : `[${is}]`}`;
  if (is === 'null' || is === 'value') return `${name}[is]=${is}`;
  const texts = values.map(String);
  if (texts.some((text) => text === '' || text.includes(','))) return texts.map((text) => `${name}[]=${encodeURIComponent(text)}`).join('&');
  return `${name}=${texts.map(encodeURIComponent).join()}`;
};
const filterJson = (filters: readonly FilterSpec[]): Record<string, Record<string, unknown>> => {
  const json: Record<string, Record<string, unknown>> = {};
  for (const { dimension, is, values } of filters) {
    json[dimension] ??= {};
    const of = json[dimension] as Record<string, unknown>;
    if (is === 'null') of.is = null;
    else of[is === 'value' ? 'is' : is] = is === 'value' ? 'value' : values;
  }
  return json;
};
const havingJson = (having: Question['having']): Record<string, Record<string, number>> => {
  const json: Record<string, Record<string, number>> = {};
  for (const { name, is, bound } of having) json[name] = { ...json[name], [is]: bound };
  return json;
};

export const sent = (world: System, question: Question) => {
  const { filters, having, via } = question;
  const parameters = parametersOf(question);
  if (via === 'post') {
    const query = { metric: 'things', ...parameters, filter: filterJson(filters), having: havingJson(having) };
    return world.post('/query', JSON.stringify({ queries: { one: query, two: { metric: 'things', every: 'all' } } }), {});
  }
  const more = [...filters.map(filterText), ...having.map(({ name, is, bound }) => `having[${name}][${is}]=${bound}`)].map((text) => `&${text}`);
  return world.get(`/metrics/things${via === 'ndjson' ? '.ndjson' : ''}?${new URLSearchParams(parameters)}${more.join('')}`, {});
};

interface Written {
  readonly rows: readonly Row[];
  readonly totals?: Row;
  readonly provenance: { readonly speedThrough: string | null };
}
export const answerOf = ({ text, headers }: { readonly text: string; readonly headers: Headers }, { via }: Question): Answer => {
  const lines = () => text.split('\n').filter((line) => line !== '');
  const written: Written =
    via === 'ndjson'
      ? { ...(JSON.parse(headers.get('twinstream-answer') ?? '') as Written), rows: lines().map((line) => JSON.parse(line) as Row) }
      : via === 'post'
        ? (JSON.parse(text) as { one: Written }).one
        : (JSON.parse(text) as Written);
  const { speedThrough } = written.provenance;
  return { rows: written.rows, totals: written.totals ?? null, speedThroughMs: speedThrough === null ? null : Date.parse(speedThrough) };
};
