import type { AttributeValue } from 'aws-lambda';
import type { Json } from '../../measures/measure.ts';
import type { EntityImage } from '../../ports/change-reader.ts';
import type { EntityItem } from '../../ports/entity-store.ts';
import { idOf, isStoredNumber } from '../../storage/entity-item.ts';

/**
 * An entity as a DynamoDB item. The presented fields are plain attributes, so the console shows them; internal attributes
 * begin with `_`, which no field's name does. `_id` is the partition key.
 */
export type Attributes = Record<string, AttributeValue>;

/** Without its state, which a client takes as bytes and a stream has in base64. */
export const attributesOf = ({ entity, key, version, deleted, fields }: EntityImage): Attributes => ({
  _id: { S: idOf({ entity, key }) },
  _entity: { S: entity },
  _key: { S: key },
  _version: { N: String(version) },
  _deleted: { BOOL: deleted },
  ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, attributeOf(value)])),
});

/** The entity in a stream image. */
export const imageOf = (attributes: Attributes): EntityImage => {
  const { _id, _entity, _key, _version, _deleted, _state, ...fields } = attributes;
  return {
    entity: _entity?.S ?? '',
    key: _key?.S ?? '',
    version: Number(_version?.N ?? 0),
    deleted: _deleted?.BOOL === true,
    fields: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, jsonOf(value)])),
  };
};

/** The whole entity, from an item with its state in base64. */
export const itemOf = (attributes: Attributes): EntityItem => ({ ...imageOf(attributes), state: Buffer.from(attributes._state?.B ?? '', 'base64') });

const attributeOf = (value: Json): AttributeValue => {
  if (value === null) return { NULL: true };
  if (typeof value === 'string') return { S: value };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number') return isStoredNumber(value) ? { N: String(value) } : { S: String(value) };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  return { M: Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, attributeOf(inner as Json)])) };
};

const jsonOf = (value: AttributeValue): Json => {
  if (value.S !== undefined) return value.S;
  if (value.N !== undefined) return Number(value.N);
  if (value.BOOL !== undefined) return value.BOOL;
  if (value.L !== undefined) return value.L.map(jsonOf);
  if (value.M !== undefined) return Object.fromEntries(Object.entries(value.M).map(([name, inner]) => [name, jsonOf(inner)]));
  return null;
};
