import type { z } from 'zod';
import type { Entity, Metric } from './declare.ts';
import { definitionHash, type EntityDefinition, entityHash, type MeasureDefinition, type MetricDefinition, type Node, scaleOfMeasure } from './definition.ts';
import { EVENT, type EventInfo, type EventOptions, type SomeEvent } from './events.ts';
import { type EventIdentity, EXPRESSION, type Expression, nameOf, use } from './expressions.ts';
import { type Kind, kindOf, shapeOf } from './kinds.ts';
import type { MeasureUse } from './measures/measure.ts';
import { measureKind } from './measures/registry.ts';

/** A pipeline that cannot work. The message names the place, what was expected, what came, and the fix. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
}

/** An event type of a pipeline. */
export interface EventType {
  readonly schema: z.ZodObject;
  readonly options: EventOptions;
}
export interface NamedMetric {
  readonly name: string;
  readonly hash: string;
  readonly definition: MetricDefinition;
}
export interface NamedEntity {
  readonly name: string;
  readonly hash: string;
  readonly definition: EntityDefinition;
}
/** A checked pipeline: events, and metrics and entities as plain definitions. */
export interface Pipeline {
  readonly events: Readonly<Record<string, EventType>>;
  readonly metrics: Readonly<Record<string, NamedMetric>>;
  readonly entities: Readonly<Record<string, NamedEntity>>;
}

/**
 * Checks a pipeline and turns it into plain definitions.
 * @throws {DefinitionError}
 */
export const definePipeline = (pipeline: {
  readonly events: Readonly<Record<string, SomeEvent>>;
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly entities?: Readonly<Record<string, Entity>>;
}): Pipeline => {
  const events = mapEntries(pipeline.events, eventType);
  const typeOf = new Map<EventIdentity, string>(Object.entries(pipeline.events).map(([name, event]) => [event[EVENT], name]));
  const metrics = mapEntries(pipeline.metrics, (name, metric) => {
    const definition = metricDefinition(name, metric, typeOf);
    return { name, hash: definitionHash(definition), definition };
  });
  const entities = mapEntries(pipeline.entities ?? {}, (name, entity) => {
    const definition = entityDefinition(name, entity, typeOf);
    return { name, hash: entityHash(definition), definition };
  });
  for (const [name, event] of Object.entries(pipeline.events)) refuseUnused(name, event[EVENT]);
  return { events, metrics, entities };
};

const mapEntries = <A, B>(record: Readonly<Record<string, A>>, map: (name: string, value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(name, value)]));

const refuse = (where: string, what: string, fix: string): never => {
  throw new DefinitionError(`${where}: ${what}. Fix: ${fix}.`);
};

const EVENT_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/;
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
const FIELD = /^[^"'\\*\p{Cc}\p{Cs}]{1,128}$/u;
/** What answers and batch views call their own columns. */
const RESERVED = ['window', 'window_start', 'window_size', 'window_day', 'group_key', 'group_events'];
const MAX_MEASURES = 32;
const MAX_DIMENSIONS = 16;

const checkNames = (where: string, names: readonly string[]): void => {
  const seen = new Map<string, string>();
  for (const name of names) {
    if (!NAME.test(name)) refuse(where, `Expected a name of letters, digits and _ that starts with a letter, got '${name}'`, 'rename it');
    const small = name.toLowerCase();
    if (RESERVED.includes(small)) refuse(where, `'${name}' is a name that answers use themselves (${RESERVED.join(', ')})`, 'rename it');
    const other = seen.get(small);
    if (other !== undefined) refuse(where, `Expected names that differ by more than case, got '${other}' and '${name}'`, 'rename one of them');
    seen.set(small, name);
  }
};

const eventType = (name: string, event: SomeEvent): EventType => {
  const where = `event '${name}'`;
  const info: EventInfo | undefined = event?.[EVENT];
  if (info === undefined) return refuse(where, `Expected event(schema, { time }), got ${typeof event}`, `write ${name}: event(z.object({ … }), { time: '…' })`);
  if (!EVENT_NAME.test(name)) refuse(where, 'Expected a name of letters, digits, _, . and - that starts with a letter', 'rename it');
  const shape = shapeOf(info.schema) ?? {};
  const field = (option: 'time' | 'subject' | 'id', kinds: readonly Kind[]) => {
    const at = info.options[option];
    if (at === undefined && option !== 'time') return;
    const schema = at === undefined ? undefined : shape[at];
    if (schema === undefined)
      return refuse(where, `${option}: Expected one of its fields (${Object.keys(shape).join(', ')}), got '${at}'`, `name the field that holds the ${option}`);
    if (!kinds.includes(kindOf(schema)))
      refuse(where, `${option}: Expected ${kinds.join(' or ')}, '${at}' is ${kindOf(schema)}`, `name another field, or change its schema`);
  };
  field('time', ['text', 'integer']);
  field('subject', ['text']);
  field('id', ['text']);
  return { schema: info.schema, options: info.options };
};

type TypeOf = ReadonlyMap<EventIdentity, string>;

const typeName = (where: string, on: SomeEvent, typeOf: TypeOf): string =>
  typeOf.get(on?.[EVENT]) ??
  refuse(where, `its event is not among events: { ${[...typeOf.values()].join(', ')} }`, 'add the event to events, or count one that is there');

const metricDefinition = (name: string, metric: Metric, typeOf: TypeOf): MetricDefinition => {
  const where = `metric '${name}'`;
  if (!NAME.test(name)) refuse(where, 'Expected a name of letters, digits and _ that starts with a letter', 'rename it');
  const unknown = Object.keys(metric).filter((key) => !['on', 'window', 'buckets', 'dimensions', 'measures', 'where'].includes(key));
  if (unknown.length > 0) refuse(where, `Expected window, buckets, dimensions, measures or where, got '${unknown[0]}'`, 'correct its spelling');
  const { window, buckets } = metric;
  if (!['1m', '5m', '15m', '1h'].includes(window))
    refuse(where, `Expected a window of 1m, 5m, 15m or 1h, got '${window}'`, 'take one of these; answers also come by 6h, 1d, 7d and 1mo');
  if (!Number.isInteger(buckets) || buckets < 1 || buckets > 64) refuse(where, `Expected buckets from 1 to 64, got ${buckets}`, 'take a number in that range');
  const event = typeName(where, metric.on, typeOf);
  const own = ownExpressions(metric.on[EVENT]);
  const dimensions = Object.entries(metric.dimensions);
  const measures = Object.entries(metric.measures ?? {});
  if (measures.length < 1 || measures.length > MAX_MEASURES)
    refuse(
      where,
      `Expected 1 to ${MAX_MEASURES} measures, got ${measures.length}`,
      measures.length === 0 ? 'add one, such as events: count()' : 'split the metric',
    );
  if (dimensions.length > MAX_DIMENSIONS) refuse(where, `Expected at most ${MAX_DIMENSIONS} dimensions, got ${dimensions.length}`, 'split the metric');
  checkNames(where, [...dimensions.map(([key]) => key), ...measures.map(([key]) => key)]);
  return {
    event,
    window,
    buckets,
    dimensions: dimensions.map(([dimension, of]) => {
      const at = `${where}, dimension '${dimension}'`;
      const node = own(at, of);
      if (node.kind !== 'text' && node.kind !== 'integer' && node.kind !== 'boolean')
        refuse(
          at,
          `Expected text, an integer or a boolean, ${nameOf(node)} is ${node.kind}`,
          node.kind === 'float' ? 'write z.int() if it is whole' : 'take another field',
        );
      return { name: dimension, of: node };
    }),
    measures: measures.map(([measure, used]) => measureDefinition(`${where}, measure '${measure}'`, measure, used, own)),
    where: metric.where === undefined ? null : condition(`${where}, where`, own, metric.where),
  };
};

const entityDefinition = (name: string, entity: Entity, typeOf: TypeOf): EntityDefinition => {
  const where = `entity '${name}'`;
  if (!NAME.test(name)) refuse(where, 'Expected a name of letters, digits and _ that starts with a letter', 'rename it');
  const unknown = Object.keys(entity).filter((key) => !['on', 'key', 'fields', 'search', 'tombstone'].includes(key));
  if (unknown.length > 0) refuse(where, `Expected key, fields, search or tombstone, got '${unknown[0]}'`, 'correct its spelling');
  const event = typeName(where, entity.on, typeOf);
  const own = ownExpressions(entity.on[EVENT]);
  const key = own(`${where}, key`, entity.key);
  if (key.kind !== 'text' && key.kind !== 'integer')
    refuse(`${where}, key`, `Expected text or an integer, ${nameOf(key)} is ${key.kind}`, 'take another field');
  checkNames(where, Object.keys(entity.fields));
  const fields = Object.entries(entity.fields).map(([field, used]) => measureDefinition(`${where}, field '${field}'`, field, used, own));
  for (const searched of entity.search) {
    const found = fields.find((field) => field.name === searched);
    if (found?.of?.kind !== 'text' || !['latest', 'first', 'min', 'max'].includes(found.measure))
      refuse(`${where}, search`, `Expected text fields, got '${searched}'`, 'name fields such as title: latest(edit.page)');
  }
  const tombstone = entity.tombstone === undefined ? null : condition(`${where}, tombstone`, own, entity.tombstone);
  return { event, key, tombstone, fields, search: entity.search };
};

type OwnExpression = (where: string, expression: Expression) => Node;
const ownExpressions =
  (event: EventIdentity): OwnExpression =>
  (where, expression) => {
    if (expression?.[EXPRESSION] === undefined)
      return refuse(where, `Expected a field or an expression, got ${JSON.stringify(expression) ?? String(expression)}`, 'write a field such as edit.page');
    const { node, event: other } = use(expression);
    return own(where, node, other === event);
  };
const own = (where: string, node: Node, isOwn: boolean): Node => {
  if (!isOwn) refuse(where, `${nameOf(node)} belongs to another event`, "take a field of the metric's own event");
  checkPaths(where, node);
  return node;
};
const checkPaths = (where: string, node: Node): void => {
  if ('args' in node) for (const arg of node.args) checkPaths(where, arg);
  if (node.op !== 'field') return;
  for (const name of node.path)
    if (!FIELD.test(name) || name === '__proto__')
      refuse(where, `Expected a field name without quotes, backslashes, * and control characters, got ${JSON.stringify(name)}`, 'rename the field');
};
const condition = (where: string, ownExpression: OwnExpression, expression: Expression): Node => {
  const node = ownExpression(where, expression);
  if (node.kind !== 'boolean') refuse(where, `Expected a condition, ${nameOf(node)} is ${node.kind}`, 'write one such as eq(edit.channel, "…")');
  return node;
};

const measureDefinition = (where: string, name: string, used: MeasureUse, ownExpression: OwnExpression): MeasureDefinition => {
  if (typeof used?.measure !== 'string')
    return refuse(where, `Expected a measure such as count(), got ${JSON.stringify(used) ?? String(used)}`, 'write count(), sum(…), uniques(…) …');
  const kind = measureKind(used.measure);
  const of = used.of;
  if (of !== null && used.event !== null) ownExpression(where, { [EXPRESSION]: { node: of, event: used.event } });
  const fieldKind = of?.kind ?? null;
  if (kind.takes !== null && (fieldKind === null || !kind.takes.kinds.includes(fieldKind)))
    refuse(
      where,
      `${kind.name} takes ${kind.takes.words}; ${of === null ? 'nothing was given' : `${nameOf(of)} is ${fieldKind}`}`,
      FIXES[fieldKind ?? ''] ?? 'take another field, or change its schema',
    );
  const options = kind.options.safeParse(used.options);
  if (!options.success)
    return refuse(
      where,
      `${kind.name}: ${options.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`.trim()).join('; ')}`,
      'correct the options',
    );
  const refusal = kind.refuses?.({ kind: fieldKind, scale: scaleOfMeasure(of, used.options), options: options.data });
  if (typeof refusal === 'string') refuse(where, `${kind.name}: ${of === null ? '' : `${nameOf(of)} is ${fieldKind}; `}${refusal}`, 'give its values a scale');
  return { name, measure: kind.name, of, options: used.options };
};
const FIXES: Readonly<Record<string, string>> = {
  float: 'write z.int() for whole numbers or decimal(2) in the schema',
  other: 'give the schema a simple type: a bare transform has none, .pipe(z.int()) or .pipe(z.string()) gives it one',
  object: 'name one of its fields',
};

const refuseUnused = (name: string, { unused }: EventIdentity): void => {
  const [first] = unused;
  if (first === undefined) return;
  unused.clear();
  refuse(
    `event '${name}'`,
    `${nameOf((first as Expression)[EXPRESSION].node)} was read or made, but is part of no metric and no entity`,
    'write and(a, b), or(a, b), not(a) where && || ! stand, and drop what is not needed',
  );
};
