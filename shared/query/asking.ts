import type { Pipeline } from '../definition/define.ts';
import type { Scalar } from '../definition/definition.ts';
import { lowerCase } from '../definition/text.ts';
import { type Parameters, refuseUnknown, single, wholeNumber } from '../request/parameters.ts';
import { badRequest, notFound } from '../request/problem.ts';
import { metricId } from '../storage/keys.ts';
import type { Answers } from './answer.ts';
import type { Asked } from './answered.ts';
import { parsePlan } from './parse-plan.ts';
import { parseRange } from './parse-range.ts';

type Found = Omit<Asked, 'label' | 'plan'>;

/** Makes questions of a metric's name and parameters. */
export const asking = (pipeline: Pipeline, { definitionOf }: Pick<Answers, 'definitionOf'>, clock: () => number) => {
  /** @throws {Problem} 404 if there is no such metric or definition. */
  const found = async (name: string, parameters: Parameters): Promise<Found> => {
    const current = Object.hasOwn(pipeline.metrics, name) ? pipeline.metrics[name] : undefined;
    const hash = single(parameters, 'definition') ?? current?.hash;
    if (hash === undefined) throw notFound(`There is no metric '${name.slice(0, 64)}'. Expected one of ${Object.keys(pipeline.metrics).join(', ')}.`);
    if (!/^[0-9a-f]{12}$/.test(hash)) throw badRequest(`definition: Expected 12 hexadecimal digits, got '${hash.slice(0, 64)}'`);
    const metric = metricId({ name, hash });
    const isCurrent = current?.hash === hash;
    return { name, metric, isCurrent, definition: isCurrent ? current.definition : await definitionOf(metric) };
  };

  /** The question of GET /metrics/{name}. @throws {Problem} 400, 404 */
  const question = async (label: string | null, name: string, parameters: Parameters): Promise<Asked> => {
    const metric = await found(name, parameters);
    // Formulas are not stored, so those of an old definition are unknown.
    const formulas = metric.isCurrent ? (pipeline.metrics[name]?.formulas ?? []) : [];
    return { ...metric, label, plan: parsePlan(parameters, metric.definition, formulas, clock()) };
  };

  /** The question of GET /metrics/{name}/values/{dimension}: by default over all of the history. @throws {Problem} 400, 404 */
  const valuesOf = async (name: string, dimension: string, parameters: Parameters): Promise<{ readonly asked: Asked; readonly limit: number }> => {
    refuseUnknown(parameters, ['q', 'limit', 'from', 'to', 'tz', 'definition']);
    const metric = await found(name, parameters);
    const { dimensions, window } = metric.definition;
    const names = dimensions.map((one) => one.name);
    const index = names.indexOf(dimension);
    if (index < 0) throw notFound(`There is no dimension '${dimension.slice(0, 64)}' of ${name}. Expected one of ${names.join(', ')}.`);
    const q = parameters.get('q')?.join(',');
    const searched = q === undefined ? null : lowerCase.of(q);
    const filters = searched === null ? [] : [{ index, holds: (value: Scalar | null) => value !== null && lowerCase.of(String(value)).includes(searched) }];
    const always = new Map([...(Object.entries(ALWAYS) as [string, string[]][]), ...parameters]);
    const plan = {
      ...parseRange(always, window, clock()),
      ...{ by: [{ kind: 'dimension' as const, name: dimension, index }], filters, figures: [], unseen: [], reads: [], order: [], having: [] },
      ...{ offset: 0, limit: null, fill: null, top: null, totals: false, splits: null, numbers: 'number' as const },
    };
    return { asked: { ...metric, label: null, plan }, limit: wholeNumber('limit', single(parameters, 'limit') ?? '20', 1, MAX_VALUES) };
  };
  return { question, valuesOf };
};

const ALWAYS = { from: ['0001-01-01'], to: ['9999-12-31'] };
const MAX_VALUES = 10_000;
