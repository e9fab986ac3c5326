import { z } from 'zod';
import { zodDef } from './zod-def.ts';

/** The kinds that the two compilers distinguish. A decimal has a scale; a float has none, so it cannot be summed exactly. */
export type Kind = 'integer' | 'decimal' | 'float' | 'text' | 'boolean' | 'object' | 'array' | 'other';
/** Kinds that hold one value. */
export type Simple = Exclude<Kind, 'object' | 'array' | 'other'>;
export type Numeric = 'integer' | 'decimal' | 'float';
/** Kinds that print the same on every engine, so they can name a group or be counted by value. */
export type Countable = 'text' | 'integer' | 'boolean';

/** Largest magnitude of a double that every engine parses to the same value. */
export const MAX_DOUBLE = 8e307;

/** How many units of its last place a decimal holds. */
export const MAX_UNITS = 2 ** 51;
/** Largest magnitude of a decimal of this scale. */
export const decimalLimit = (scale: number): number => Number(`${MAX_UNITS}e-${scale}`);

export type Decimal<S extends number = number> = z.ZodNumber & { readonly '~scale': S };

/**
 * A number with at most `scale` decimals (0 to 9), which is summed as a scaled integer.
 * Values reach ±2^51 / 10^scale: up to there a double times 10^scale is never half a unit off.
 * @example z.object({ price: decimal(2), shipping: decimal(2).optional() })
 */
export const decimal = <const S extends number>(scale: S): Decimal<S> => {
  if (!Number.isInteger(scale) || scale < 0 || scale > 9) throw new RangeError(`decimal: Expected a scale from 0 to 9, got ${scale}`);
  const limit = decimalLimit(scale);
  const fits = (v: number) => Math.abs(v) <= limit && Number(v.toFixed(scale)) === v;
  return z.number().refine(fits, `Expected a number with at most ${scale} decimals, from -${limit} to ${limit}`).meta({ scale }) as Decimal<S>;
};

type Wrapper = 'optional' | 'nullable' | 'default' | 'prefault' | 'catch' | 'readonly' | 'nonoptional';
/** The schema of what parse returns: unwraps optional, nullable, default …, and takes the output of a pipe. */
type Inner<S> = S extends { _zod: { def: infer D } }
  ? D extends { type: Wrapper; innerType: infer I }
    ? Inner<I>
    : D extends { type: 'pipe'; out: infer O }
      ? Inner<O>
      : S
  : never;
export type ShapeOf<S> = Inner<S> extends { _zod: { def: { type: 'object'; shape: infer Sh } } } ? Sh : never;
/** The schema of an array's items. */
export type ItemOf<S> = Inner<S> extends { _zod: { def: { type: 'array'; element: infer E } } } ? E : never;
export type Out<S> = S extends { _zod: { output: infer O } } ? Exclude<O, null | undefined> : never;
export type KindOf<S> =
  Inner<S> extends infer L
    ? L extends Decimal
      ? 'decimal'
      : L extends { _zod: { def: { type: 'object' } } }
        ? 'object'
        : L extends { _zod: { def: { type: 'array'; element: infer E } } }
          ? KindOf<E> extends 'array' | 'other'
            ? 'other'
            : 'array'
          : L extends { _zod: { def: { format: 'safeint' | 'int32' | 'uint32' } } }
            ? 'integer'
            : 0 extends 1 & Out<L>
              ? 'other'
              : [Out<L>] extends [never]
                ? 'other'
                : [Out<L>] extends [string]
                  ? 'text'
                  : [Out<L>] extends [boolean]
                    ? 'boolean'
                    : [Out<L>] extends [number]
                      ? 'float'
                      : 'other'
    : never;

/** Unwraps optional, nullable, default …, and takes the output of a pipe. */
export const unwrap = (schema: z.ZodType): z.ZodType => {
  const def = zodDef(schema);
  if (def.innerType) return unwrap(def.innerType);
  return def.type === 'pipe' && def.out ? unwrap(def.out) : schema;
};

/** The schema of an array's items; undefined if it is no array. */
export const itemOf = (schema: z.ZodType): z.ZodType | undefined => {
  const { type, element } = zodDef(unwrap(schema));
  return type === 'array' ? element : undefined;
};

export const shapeOf = (schema: z.ZodType): Readonly<Record<string, z.ZodType>> | undefined => zodDef(unwrap(schema)).shape;

/** Whether the object's fields validate the data as it was sent: no z.preprocess and no transform renames them before. */
export const isBareObject = (schema: z.ZodType): boolean => {
  const { type, innerType } = zodDef(schema);
  return innerType === undefined ? type === 'object' : isBareObject(innerType);
};

/** The schema of the field at a path; undefined if an object does not know the name. */
export const fieldAt = (schema: z.ZodType, path: readonly (string | number)[]): z.ZodType | undefined => {
  let at: z.ZodType | undefined = schema;
  for (const name of path) {
    const shape: Record<string, z.ZodType> | undefined = at === undefined ? undefined : shapeOf(at);
    at = shape !== undefined && Object.hasOwn(shape, name) ? shape[name] : undefined;
  }
  return at;
};

/** The scale of a `decimal`, else undefined. */
export const scaleOf = (schema: z.ZodType): number | undefined => {
  const scale = unwrap(schema).meta()?.scale;
  return typeof scale === 'number' ? scale : undefined;
};

/** The kind at load time. It also sees `z.number().int()`, which its type does not. */
export const kindOf = (schema: z.ZodType): Kind => {
  const inner = unwrap(schema);
  const def = zodDef(inner);
  switch (def.type) {
    case 'number': {
      if (scaleOf(inner) !== undefined) return 'decimal';
      const formats = [def.format, ...(def.checks ?? []).map((check) => check._zod.def.format)];
      return formats.some((format) => format === 'safeint' || format === 'int32' || format === 'uint32') ? 'integer' : 'float';
    }
    case 'string':
    case 'template_literal':
      return 'text';
    case 'enum':
      return kindOfAll(Object.values(def.entries ?? {}));
    case 'literal':
      return kindOfAll(def.values ?? []);
    case 'boolean':
    case 'object':
      return def.type;
    case 'array': {
      const item = def.element === undefined ? 'other' : kindOf(def.element);
      return item === 'array' || item === 'other' ? 'other' : 'array';
    }
    default:
      return 'other';
  }
};

const kindOfAll = (values: readonly unknown[]): Kind => {
  if (values.every((value) => typeof value === 'string')) return 'text';
  return values.every((value) => typeof value === 'boolean') ? 'boolean' : 'other';
};
