import type { z } from 'zod';

/** What Twinstream reads of a schema's definition: Zod's `_zod.def`, which is its interface for libraries (zod.dev/library-authors). */
export interface ZodDef {
  readonly type: string;
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
  readonly out?: z.ZodType;
  /** Of arrays, records, tuples, unions and z.lazy(). */
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly items?: readonly z.ZodType[];
  readonly options?: readonly z.ZodType[];
  readonly getter?: () => z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly catchall?: z.ZodType;
  readonly format?: string;
  readonly checks?: readonly { readonly _zod: { readonly def: { readonly format?: string; readonly check?: string } } }[];
  readonly coerce?: boolean;
  readonly values?: readonly unknown[];
  readonly entries?: Readonly<Record<string, unknown>>;
  /** Of z.iso.datetime(). */
  readonly offset?: boolean;
  readonly local?: boolean;
  readonly precision?: number | null;
}

export const zodDef = (schema: z.ZodType): ZodDef => schema._zod.def as unknown as ZodDef;
