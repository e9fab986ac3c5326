import type { Json } from '../measures/measure.ts';
import type { EntityItem, EntityKey } from '../ports/entity-store.ts';

/** `page@0123456789ab`: an entity under one identity. */
export const entityId = ({ name, hash }: { name: string; hash: string }): string => `${name}@${hash}`;
export const idOf = ({ entity, key }: { entity: string; key: string }): string => `${entity}#${key}`;
/** Splits an id into its parts. Entities' names and hashes contain no `#`. */
export const keyOf = (id: string): EntityKey => {
  const end = id.indexOf('#');
  return { entity: id.slice(0, end), key: id.slice(end + 1) };
};

/** The presented fields as JSON, with the values that every store gives back. */
export const shownOf = ({ fields }: EntityItem): string =>
  JSON.stringify(fields, (_, value: Json) => (typeof value === 'number' && !isStoredNumber(value) ? String(value) : value));

/** DynamoDB's numbers end at 10^126, a double's at 10^308; further ones are shown as text everywhere, and are kept exactly in the state. */
export const isStoredNumber = (value: number): boolean => value === 0 || (Math.abs(value) < 1e125 && Math.abs(value) > 1e-129);
