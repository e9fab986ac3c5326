import type { z } from 'zod';
import { expressionSql } from '../sql/expression.ts';
import { trino } from '../sql/trino.ts';
import type { Entity, Metric } from './declare.ts';
import { formulaDefinitions } from './define-formulas.ts';
import { refuseLookups, refuseTables } from './define-lookups.ts';
import { condition, DefinitionError, exampleOf, measureDefinition, type Owner, ownNode, refuse, refuseUnknown, refuseUnused } from './define-parts.ts';
import { definitionHash, type EntityDefinition, entityHash, type MetricDefinition } from './definition.ts';
import { isEach } from './each.ts';
import { EVENT, type EventInfo, type EventOptions, type SomeEvent } from './event-type.ts';
import { nameOf } from './expression.ts';
import type { NamedFormula } from './formula.ts';
import { isBareObject, type Kind, kindOf, shapeOf } from './kinds.ts';
import { listed, nearest, shown } from './mistakes.ts';
import { countedOf, ownerOf } from './owners.ts';
import { isTimeless } from './time-field.ts';

export { DefinitionError };

/** An event type of a pipeline. */
export interface EventType {
  readonly schema: z.ZodType;
  readonly options: EventOptions;
}
export interface NamedMetric {
  readonly name: string;
  readonly hash: string;
  readonly definition: MetricDefinition;
  /** Computed from its measures when it is queried, and never stored, so they are not part of the definition. */
  readonly formulas: readonly NamedFormula[];
}
export interface NamedEntity {
  readonly name: string;
  readonly hash: string;
  readonly definition: EntityDefinition;
}
/** A checked pipeline: events, and metrics and entities as plain definitions. For the compiler: what was declared. */
export interface Pipeline<E = unknown, M = unknown> {
  readonly events: Readonly<Record<string, EventType>>;
  readonly metrics: Readonly<Record<string, NamedMetric>>;
  readonly entities: Readonly<Record<string, NamedEntity>>;
  readonly declared?: { readonly events: E; readonly metrics: M };
}

/**
 * Checks a pipeline and turns it into plain definitions.
 * @throws {DefinitionError}
 * @example
 * export default definePipeline({
 *   events: { edit },
 *   metrics: { edits: metric(edit, { measures: { edits: count() } }) },
 *   entities: { page: entity(edit, { key: edit.page, fields: { edits: count() } }) },
 * });
 */
export const definePipeline = <const E extends Readonly<Record<string, SomeEvent>>, const M extends Readonly<Record<string, Metric>>>(pipeline: {
  readonly events: E;
  readonly metrics: M;
  readonly entities?: Readonly<Record<string, Entity>>;
}): Pipeline<E, M> => {
  refuseUnknown('pipeline', Object.keys(pipeline), ['events', 'metrics', 'entities']);
  const events = mapEntries(pipeline.events ?? {}, eventType);
  const owners: readonly Owner[] = Object.entries(pipeline.events ?? {}).map(([name, event]) => ({ name, event: event[EVENT], each: null }));
  try {
    const metrics = mapEntries(pipeline.metrics ?? {}, (name, metric) => {
      const definition = metricDefinition(name, metric, owners);
      return { name, hash: definitionHash(definition), definition, formulas: formulaDefinitions(`metric '${name}'`, metric.formulas, definition.measures) };
    });
    const entities = mapEntries(pipeline.entities ?? {}, (name, entity) => {
      const definition = entityDefinition(name, entity, owners);
      return { name, hash: entityHash(definition), definition };
    });
    refuseTables(Object.values(metrics).map(({ definition }) => definition));
    for (const owner of owners) refuseUnused(owner);
    return { events, metrics, entities };
  } finally {
    for (const { event } of owners) {
      event.unused.clear();
      event.slips.length = 0;
    }
  }
};

const mapEntries = <A, B>(record: Readonly<Record<string, A>>, map: (name: string, value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(name, value)]));

const EVENT_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,127}$/;
const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;
/** Names of the columns that answers and batch views always have. */
const RESERVED = ['window', 'window_start', 'window_size', 'window_day', 'group_key', 'group_events'];
const MAX_MEASURES = 32;
const MAX_DIMENSIONS = 16;

const checkNames = (where: string, names: readonly string[]): void => {
  const seen = new Map<string, string>();
  for (const name of names) {
    if (!NAME.test(name)) refuse(where, `Expected a name of letters, digits and _ that starts with a letter, got '${name}'`, 'rename it');
    const small = name.toLowerCase();
    if (RESERVED.includes(small)) refuse(where, `'${name}' is reserved for answers (${RESERVED.join(', ')})`, 'rename it');
    const other = seen.get(small);
    if (other !== undefined) refuse(where, `Expected names that differ by more than case, got '${other}' and '${name}'`, 'rename one of them');
    seen.set(small, name);
  }
};

const eventType = (name: string, event: SomeEvent): EventType => {
  const where = `event '${name}'`;
  const info: EventInfo | undefined = event?.[EVENT];
  if (info === undefined)
    return refuse(
      where,
      `Expected event(schema, { time }), got ${typeof event === 'object' ? 'an object' : shown(event)}`,
      `write ${name}: event(z.object({ … }), { time: '…' })`,
    );
  if (!EVENT_NAME.test(name)) refuse(where, 'Expected a name of letters, digits, _, . and - that starts with a letter', 'rename it');
  const shape = shapeOf(info.schema);
  if (shape === undefined) return refuse(where, 'Expected a schema of an object with fields', 'write z.object({ … }), perhaps after z.preprocess(…)');
  refuseUnknown(where, Object.keys(info.options ?? {}), ['time', 'subject', 'id', 'strict']);
  const { strict } = info.options;
  if (strict !== undefined && typeof strict !== 'boolean') refuse(where, `strict: Expected true or false, got ${shown(strict)}`, 'write strict: true');
  if (strict === true && !isBareObject(info.schema))
    refuse(
      where,
      'strict: Expected a schema whose fields are those that are sent, got one that changes them before',
      'leave strict out, and use z.strictObject inside',
    );
  const field = (option: 'time' | 'subject' | 'id', kinds: readonly Kind[]) => {
    const at = info.options[option];
    if (at === undefined && option !== 'time') return;
    const schema = at === undefined ? undefined : shape[at];
    if (schema === undefined)
      return refuse(where, `${option}: Expected one of its fields (${Object.keys(shape).join(', ')}), got '${at}'`, `name the field that holds the ${option}`);
    if (!kinds.includes(kindOf(schema)))
      refuse(
        where,
        `${option}: Expected ${kinds.join(' or ')}, '${at}' is ${kindOf(schema)}`,
        option === 'time' && kindOf(schema) !== 'boolean'
          ? `write ${at}: time(), or time({ unit: 's' }) for epoch seconds`
          : `name another field, or change its schema`,
      );
  };
  field('time', ['text', 'integer']);
  const time = shape[info.options.time];
  if (time !== undefined && isTimeless(time))
    refuse(
      where,
      `time: Expected a field that can hold a time, '${info.options.time}' takes none`,
      `write ${info.options.time}: time(), which takes times in many forms`,
    );
  field('subject', ['text']);
  field('id', ['text']);
  return { schema: info.schema, options: info.options };
};

const WINDOWS: readonly string[] = ['1m', '5m', '15m', '1h'];

const metricDefinition = (name: string, metric: Metric, owners: readonly Owner[]): MetricDefinition => {
  const where = `metric '${name}'`;
  if (!NAME.test(name)) refuse(where, 'Expected a name of letters, digits and _ that starts with a letter', 'rename it');
  if (typeof metric !== 'object' || metric === null) refuse(where, `Expected metric(event, { measures }), got ${shown(metric)}`, `write ${name}: metric(…)`);
  refuseUnknown(
    where,
    Object.keys(metric).filter((key) => key !== 'on'),
    ['window', 'buckets', 'dimensions', 'measures', 'where', 'formulas'],
  );
  const owner = countedOf(where, metric.on, owners);
  const { window, buckets } = metric;
  if (!WINDOWS.includes(window))
    refuse(where, `Expected a window of 1m, 5m, 15m or 1h, got ${shown(window)}`, 'take one of these; answers also come by 6h, 1d, 7d and 1mo');
  if (!Number.isInteger(buckets) || buckets < 1 || buckets > 64)
    refuse(where, `Expected buckets from 1 to 64, got ${shown(buckets)}`, 'take a number in that range');
  const dimensions = Object.entries(metric.dimensions ?? {});
  const measures = Object.entries(metric.measures ?? {});
  if (measures.length < 1 || measures.length > MAX_MEASURES)
    refuse(
      where,
      `Expected 1 to ${MAX_MEASURES} measures, got ${measures.length}`,
      measures.length === 0 ? 'add one, such as events: count()' : 'split the metric',
    );
  if (dimensions.length > MAX_DIMENSIONS) refuse(where, `Expected at most ${MAX_DIMENSIONS} dimensions, got ${dimensions.length}`, 'split the metric');
  checkNames(where, [...dimensions.map(([key]) => key), ...measures.map(([key]) => key), ...Object.keys(metric.formulas ?? {})]);
  const definition: MetricDefinition = {
    event: owner.name,
    window,
    buckets,
    dimensions: dimensions.map(([dimension, of]) => {
      const at = `${where}, dimension '${dimension}'`;
      const node = ownNode(at, of, owner);
      if (node.kind !== 'text' && node.kind !== 'integer' && node.kind !== 'boolean')
        refuse(
          at,
          `Expected text, an integer or a boolean, ${nameOf(node)} is ${node.kind}`,
          node.kind === 'float' ? 'write z.int() if it is whole' : 'take another field',
        );
      return { name: dimension, of: node };
    }),
    measures: measures.map(([measure, used]) => measureDefinition(`${where}, measure '${measure}'`, measure, used, owner)),
    where: metric.where === undefined ? null : condition(`${where}, where`, metric.where, owner),
    ...(owner.each === null ? {} : { each: owner.each }),
  };
  refuseLong(where, definition);
  return definition;
};

/** Athena takes 262,144 bytes of SQL, and arithmetic writes an argument twice to check its result: nested, it doubles each time. */
const MOST_SQL_BYTES = 150_000;
const refuseLong = (where: string, { dimensions, measures, where: condition }: MetricDefinition): void => {
  const nodes = [...dimensions, ...measures, ...measures.flatMap(({ by }) => by ?? [])].flatMap(({ of }) => of ?? []);
  const sql = [...nodes, ...(condition === null ? [] : [condition])].map((node) => expressionSql(trino, node, () => 'field'));
  const bytes = new TextEncoder().encode(sql.join('')).length;
  if (bytes > MOST_SQL_BYTES)
    refuse(where, `Expected expressions of at most ${MOST_SQL_BYTES} bytes of SQL, got ${bytes}`, 'nest fewer calls in one another, or split the metric');
};

const entityDefinition = (name: string, entity: Entity, owners: readonly Owner[]): EntityDefinition => {
  const where = `entity '${name}'`;
  if (!NAME.test(name)) refuse(where, 'Expected a name of letters, digits and _ that starts with a letter', 'rename it');
  if (typeof entity !== 'object' || entity === null) refuse(where, `Expected entity(event, { key, fields }), got ${shown(entity)}`, `write ${name}: entity(…)`);
  refuseUnknown(
    where,
    Object.keys(entity).filter((key) => key !== 'on'),
    ['key', 'fields', 'search', 'tombstone'],
  );
  if (isEach(entity.on)) refuse(where, 'Expected one of the events, got each(…)', 'make an entity of the event; a metric may count items');
  const owner = ownerOf(where, entity.on, owners);
  const key = ownNode(`${where}, key`, entity.key, owner);
  if (key.kind !== 'text' && key.kind !== 'integer')
    refuse(`${where}, key`, `Expected text or an integer, ${nameOf(key)} is ${key.kind}`, 'take another field');
  const names = Object.keys(entity.fields ?? {});
  checkNames(where, names);
  const fields = Object.entries(entity.fields ?? {}).map(([field, used]) => measureDefinition(`${where}, field '${field}'`, field, used, owner));
  for (const searched of entity.search) {
    const found = fields.find((field) => field.name === searched);
    const meant = nearest(searched, names);
    if (found === undefined)
      refuse(`${where}, search`, `Expected some of ${listed(names)}, got '${searched}'`, meant === null ? 'name text fields' : `write '${meant}'`);
    else if (found.of?.kind !== 'text' || !['latest', 'first', 'min', 'max'].includes(found.measure))
      refuse(`${where}, search`, `Expected text fields, got '${searched}'`, `name fields such as title: latest(${owner.name}.${exampleOf(owner)})`);
  }
  const tombstone = entity.tombstone === undefined ? null : condition(`${where}, tombstone`, entity.tombstone, owner);
  refuseLookups(where, [key, tombstone, ...fields.flatMap(({ of, by }) => [of, by?.of ?? null])]);
  return { event: owner.name, key, tombstone, fields, search: entity.search };
};
