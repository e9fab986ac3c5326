import type { AttributeValue } from 'aws-lambda';
import type { Json } from '../measures/measure.ts';
import type { EntityItem, EntityKey } from '../ports/entity-store.ts';

/**
 * An entity as a DynamoDB item. The presented fields are plain attributes, so the console shows them; what is ours begins
 * with `_`, which no field's name does. `_id` is the partition key.
 */
export type Attributes = Record<string, AttributeValue>;

/** `page@0123456789ab`: an entity under one identity. */
export const entityId = ({ name, hash }: { name: string; hash: string }): string => `${name}@${hash}`;
export const idOf = ({ entity, key }: { entity: string; key: string }): string => `${entity}#${key}`;
/** What an id was made of. Entities' names and hashes hold no `#`. */
export const keyOf = (id: string): EntityKey => {
  const end = id.indexOf('#');
  return { entity: id.slice(0, end), key: id.slice(end + 1) };
};

/** As the change stream shows an item: without its state, which nobody reads there. */
export const imageOf = (item: EntityItem): Attributes => {
  const { _state, ...image } = attributesOf(item);
  return image;
};

/** The presented fields as JSON, with the values that a DynamoDB item would give back. */
export const shownOf = ({ fields }: EntityItem): string =>
  JSON.stringify(fields, (_, value: Json) => (typeof value === 'number' && !isDynamoNumber(value) ? String(value) : value));

export const attributesOf = ({ entity, key, version, deleted, fields, state }: EntityItem): Attributes => ({
  _id: { S: idOf({ entity, key }) },
  _entity: { S: entity },
  _key: { S: key },
  _version: { N: String(version) },
  _deleted: { BOOL: deleted },
  _state: { B: Buffer.from(state).toString('base64') },
  ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, attributeOf(value)])),
});

/** The item of a stream image or of a stored row. */
export const itemOf = (attributes: Attributes): EntityItem => {
  const { _id, _entity, _key, _version, _deleted, _state, ...fields } = attributes;
  return {
    entity: _entity?.S ?? '',
    key: _key?.S ?? '',
    version: Number(_version?.N ?? 0),
    deleted: _deleted?.BOOL === true,
    state: Buffer.from(_state?.B ?? '', 'base64'),
    fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, jsonOf(value)])),
  };
};

const attributeOf = (value: Json): AttributeValue => {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number') return isDynamoNumber(value) ? { N: String(value) } : { S: String(value) };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  return { M: Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, attributeOf(inner as Json)])) };
};

/** DynamoDB's numbers end at 10^126, a double's at 10^308; further ones are kept as text here, and exactly in the state. */
const isDynamoNumber = (value: number): boolean => value === 0 || (Math.abs(value) < 1e125 && Math.abs(value) > 1e-129);

const jsonOf = (value: AttributeValue): Json => {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.L !== undefined) return value.L.map(jsonOf);
  if (value.M !== undefined) return Object.fromEntries(Object.entries(value.M).map(([name, inner]) => [name, jsonOf(inner)]));
  return null;
};
