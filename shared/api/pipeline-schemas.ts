import type { NamedEntity, NamedMetric, Pipeline } from '../definition/define.ts';
import type { MeasureDefinition } from '../definition/definition.ts';
import { formulaText } from '../definition/formula.ts';
import { measureKind } from '../measures/registry.ts';
import { specOf } from '../measures/spec.ts';
import { valueSchema } from '../measures/value-schema.ts';
import { everyOf } from './every.ts';
import { exampleOf } from './example.ts';
import { input, output, type Schema } from './json-schema.ts';
import { ref } from './operation.ts';
import { ANSWER, FOUND } from './schemas.ts';

/** The schemas that a pipeline defines: what is posted for an event, what is answered for a metric or an entity. */
export const pipelineSchemas = ({ events, metrics, entities }: Pipeline): Readonly<Record<string, Schema>> => ({
  ...Object.fromEntries(Object.entries(events).map(([name, { schema }]) => [`Event_${name}`, within(`Event_${name}`, input(schema))])),
  ...Object.fromEntries(
    Object.values(metrics).flatMap((metric) => [[`Row_${metric.name}`, rowOf(metric)] as const, [`Answer_${metric.name}`, answerOf(metric)]]),
  ),
  ...Object.fromEntries(
    Object.values(entities).flatMap((entity) => [[`Entity_${entity.name}`, entityOf(entity)] as const, [`Found_${entity.name}`, foundOf(entity)]]),
  ),
});
/** Rewrites a schema's references to itself, or to definitions of its own, to its place in the document. */
const within = (component: string, schema: Schema): Schema =>
  JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#', `"$ref":"#/components/schemas/${component}`)) as Schema;

const answered = (measure: MeasureDefinition): Schema => output(measureKind(measure.measure).answers(specOf(measure)));
const orNull = (schema: Schema): Schema => (Array.isArray(schema.anyOf) ? schema : { anyOf: [schema, { type: 'null' }] });

/** The properties of measures and formulas; with fill=null any of them may be null. */
const figuresOf = ({ definition: { measures }, formulas }: NamedMetric): Readonly<Record<string, Schema>> => ({
  ...Object.fromEntries(measures.map((measure) => [measure.name, answered(measure)])),
  ...Object.fromEntries(formulas.map(({ name, of }) => [name, { type: ['number', 'null'], description: formulaText(of) }])),
});
/** The properties of what a layer has of the measures that add up. */
const addends = ({ definition: { measures } }: NamedMetric): Schema => ({
  type: 'object',
  properties: Object.fromEntries(measures.filter(({ measure }) => measureKind(measure).addsUp).map(({ name }) => [name, { type: 'number' }])),
  additionalProperties: false,
});
const nullable = (properties: Readonly<Record<string, Schema>>): Readonly<Record<string, Schema>> =>
  Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, typeof schema.type === 'string' ? { ...schema, type: [schema.type, 'null'] } : orNull(schema)]),
  );

/** A row has what it is grouped by, and the requested measures and formulas. */
const rowOf = (metric: NamedMetric): Schema => {
  const { dimensions } = metric.definition;
  const properties: Readonly<Record<string, Schema>> = {
    window: { type: 'string', format: 'date-time', description: 'The start of the window; with every=all, of the range.' },
    ...Object.fromEntries(dimensions.map(({ name, of }) => [name, orNull(output(valueSchema(of.kind)))])),
    ...figuresOf(metric),
  };
  const more: Readonly<Record<string, Schema>> = {
    '@hour': { type: ['integer', 'null'], minimum: 0, maximum: 23 },
    '@weekday': { type: ['integer', 'null'], minimum: 1, maximum: 7 },
    '@date': { type: ['string', 'null'], format: 'date' },
    '@month': { type: ['integer', 'null'], minimum: 1, maximum: 12 },
    previous: {
      type: ['object', 'null'],
      properties: nullable(figuresOf(metric)),
      additionalProperties: false,
      description: 'Of the window at the same place of the range that is compared with; null if it has none.',
    },
    parts: {
      type: 'object',
      properties: { batch: addends(metric), live: addends(metric) },
      required: ['batch', 'live'],
      additionalProperties: false,
      description: 'What each layer has of the measures that add up: their sum is the row.',
    },
    part: { enum: ['batch', 'both', 'live', null], description: 'The layers that the row is from; null if nothing came.' },
    other: { const: true, description: 'It is the rest, besides the groups of top.' },
    complete: { const: false, description: 'Events of its window may still be on their way: it ends after speedThrough.' },
  };
  const row = { type: 'object', properties: { ...properties, ...nullable(figuresOf(metric)), ...more }, additionalProperties: false };
  return { ...row, required: ['window'], examples: [exampleOf({ ...row, properties, required: Object.keys(properties) }, {})] };
};
const answerOf = ({ name, definition: { window } }: NamedMetric): Schema =>
  withProperties(output(ANSWER), {
    metric: { type: 'string', const: name },
    every: everyOf(window),
    rows: { type: 'array', items: ref(`Row_${name}`), description: 'One per window and group: its dimensions, measures and formulas by name.' },
  });

/** A field is null if it was not defined yet when the entity was last stored. */
const entityOf = ({ definition: { fields } }: NamedEntity): Schema => ({
  type: 'object',
  required: fields.map(({ name }) => name),
  properties: Object.fromEntries(fields.map((field) => [field.name, orNull(answered(field))])),
  additionalProperties: false,
});
const foundOf = ({ name }: NamedEntity): Schema => {
  const found = output(FOUND) as { readonly properties: { readonly hits: { readonly items: Schema } } };
  return withProperties(found, { hits: { type: 'array', items: withProperties(found.properties.hits.items, { entity: ref(`Entity_${name}`) }) } });
};

const withProperties = (schema: Schema, properties: Readonly<Record<string, Schema>>): Schema => ({
  ...schema,
  properties: { ...(schema.properties as Readonly<Record<string, Schema>>), ...properties },
});
