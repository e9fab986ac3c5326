import type { MeasureDefinition, Scalar } from '../definition/definition.ts';
import { WINDOW_MS } from '../definition/windows.ts';
import { compileMeasures } from '../fold/metric.ts';
import type { Json } from '../measures/measure.ts';
import type { Asked } from '../query/answered.ts';
import { isFilter, parseConditions } from '../query/parse-filters.ts';
import { type Pinned, readPinned } from '../query/pinned.ts';
import type { Range } from '../query/plan.ts';
import { oneOf, type Parameters, single, wholeNumber } from '../request/parameters.ts';
import { badRequest } from '../request/problem.ts';
import type { Listing } from '../sql/listed.ts';
import { type Cursor, readCursor } from './cursor.ts';
import { cutGone } from './problems.ts';
import { groupConditions, rangesOf } from './row.ts';

/** The parameters besides those of the question. */
const OWN = ['cut', 'window', 'group', 'measure', 'value', 'list', 'limit', 'cursor'] as const;
const MAX_LIMIT = 1_000;

/** One number of an answer, or one row: which events are asked for. */
export interface Explained {
  readonly asked: Asked;
  readonly pinned: Pinned;
  /** What it covers, in order. */
  readonly ranges: readonly Range[];
  readonly listing: Listing;
  /** By name; null for all groups. */
  readonly group: Record<string, Scalar | null> | null;
  readonly measure: MeasureDefinition | null;
  /** Whether the values that a measure takes are asked for, instead of events. */
  readonly isOfValues: boolean;
  readonly limit: number;
  readonly cursor: Cursor | null;
}

/** The question's parameters, without those that mean something else here, or nothing. */
export const questionOf = (parameters: Parameters): Parameters => {
  if (parameters.has('offset') || parameters.has('format')) throw badRequest('Expected the question without offset and format, got one of them');
  // A row that is not of the first groups has none, so how they were chosen does not matter.
  return new Map(
    [...parameters].filter(
      ([name]) => !(OWN as readonly string[]).includes(name) && !/^(order|having\[.*|top|other|fill|totals|compare|parts|numbers|measures)$/s.test(name),
    ),
  );
};

/** What an older definition counted live cannot be listed. */
export const onlyCurrent = async (): Promise<never> => {
  throw badRequest('definition: Expected the current one, got an older one');
};

/** @throws {Problem} 400, 409 */
export const parseExplained = (asked: Asked, parameters: Parameters): Explained => {
  const { definition, plan, metric } = asked;
  const own = (name: (typeof OWN)[number]): string | undefined => single(parameters, name);
  const cut = own('cut');
  if (cut === undefined) throw badRequest('cut: Expected the cut of an answer, which is in its provenance, got none');
  const pinned = readPinned(cut);
  if (pinned === null) throw badRequest(`cut: Expected the cut of an answer, got '${cut.slice(0, 64)}'`);
  if (pinned.definition !== metric.slice(metric.indexOf('@') + 1)) throw cutGone(`The cut is of definition ${pinned.definition}, not of ${metric}.`);
  const group = groupOf(parameters, plan.by.length);
  const ranges = rangesOf(plan, own('window') ?? null, group, WINDOW_MS[definition.window]);
  const filters = parseConditions(new Map([...parameters].filter(([name]) => isFilter(name))), definition);
  const conditions = [...filters, ...(group === null ? [] : groupConditions(plan, group, definition.dimensions))];
  const { index, value, isOfValues } = takenOf(parameters, definition.measures, asked);
  const cursor = own('cursor');
  if (isOfValues && cursor !== undefined) throw badRequest('cursor: Expected none with list=values, which has one page: limit says how many values');
  return {
    asked,
    pinned,
    ranges,
    listing: { between: ranges.map(({ fromMs, toMs }) => [isoOf(fromMs), isoOf(toMs)]), conditions, measure: index, value },
    group: group === null ? null : Object.fromEntries(plan.by.map(({ name }, i) => [name, (group[i] ?? null) as Scalar | null])),
    measure: index === null ? null : (definition.measures[index] ?? null),
    isOfValues,
    limit: wholeNumber('limit', own('limit') ?? '50', 1, MAX_LIMIT),
    cursor: cursor === undefined ? null : readCursor(cursor),
  };
};
const isoOf = (ms: number): string => new Date(ms).toISOString();

const groupOf = (parameters: Parameters, length: number): readonly Json[] | null => {
  const text = parameters.get('group')?.join(',');
  if (text === undefined) return null;
  const wrong = badRequest(`group: Expected the row's ${length} values of by as a JSON array, such as ["a",null], got '${text.slice(0, 64)}'`);
  try {
    const group: unknown = JSON.parse(text);
    if (Array.isArray(group) && group.length === length && group.every((value) => typeof value !== 'object' || value === null)) return group as Json[];
  } catch {
    // Said below.
  }
  throw wrong;
};

const takenOf = (
  parameters: Parameters,
  measures: readonly MeasureDefinition[],
  { name, plan }: Asked,
): { readonly index: number | null; readonly value: Scalar | null; readonly isOfValues: boolean } => {
  const [asked, text, list] = [single(parameters, 'measure'), parameters.get('value')?.join(','), single(parameters, 'list')];
  if (list !== undefined) oneOf('list', list, ['values', 'events']);
  if (asked === undefined) {
    if (text !== undefined || list === 'values') throw badRequest(`${text === undefined ? 'list' : 'value'}: Expected measure with it`);
    return { index: null, value: null, isOfValues: false };
  }
  const formula = plan.figures.find((figure) => figure.kind === 'formula' && figure.name === asked);
  if (formula !== undefined) throw badRequest(`measure: Expected a measure, ${asked} is a formula: explain the measures of ${name} that it is made of`);
  const names = measures.map((measure) => measure.name);
  const index = names.indexOf(oneOf('measure', asked, names));
  const measure = measures[index] as MeasureDefinition;
  if (measure.of === null && (text !== undefined || list === 'values')) throw badRequest(`measure: Expected one that takes a value, ${asked} takes none`);
  return { index, value: text === undefined ? null : takenValue(text, measure), isOfValues: list === 'values' };
};

/** A value as the measure takes it. */
const takenValue = (text: string, measure: MeasureDefinition): Scalar => {
  const kind = measure.of?.kind ?? 'text';
  if (kind === 'boolean') return oneOf('value', text, ['true', 'false']) === 'true';
  if (kind === 'text') return text;
  const number = Number(text);
  // Any number is in a bucket, also one between two integers.
  const isWhole = kind === 'integer' && compileMeasures([measure])[0]?.measure.bucket === undefined;
  if (!/^-?\d+(\.\d+)?([eE][-+]?\d+)?$/.test(text) || !Number.isFinite(number) || (isWhole && !Number.isSafeInteger(number)))
    throw badRequest(`value: Expected ${isWhole ? 'a whole number' : 'a number'}, got '${text.slice(0, 64)}'`);
  return number;
};
