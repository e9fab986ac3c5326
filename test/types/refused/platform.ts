import type * as aws from '../../../shared/platforms/aws.ts';
import type * as embedded from '../../../shared/platforms/embedded.ts';
import type { Held } from '../../../shared/platforms/platform.ts';

type Aws = typeof aws;
type Other<P, K extends keyof P, T> = Omit<P, K> & { readonly [N in K]: T };

// expect: Property 'lakeUri' is missing
export type A = Held<Omit<Aws, 'lakeUri'>, never>;
// expect: Property 'clock' is missing
export type B = Held<Omit<Aws, 'clock'>, never>;
// expect: Property 'onLambda' is missing
export type C = Held<Omit<Aws, 'onLambda'>, never>;
// expect: Property 'deadLetters' is missing
export type D = Held<Omit<Aws, 'deadLetters'>, never>;
// expect: Property 'indexLag' is missing
export type E = Held<Omit<typeof embedded, 'indexLag'>, 'owner'>;
// expect: Type 'string' is not assignable to type 'number'
export type F = Held<Other<Aws, 'lakeUri', (key: number) => string>, never>;
// expect: The types returned by 'lakeUri(...)' are incompatible
export type G = Held<Other<Aws, 'lakeUri', (key: string) => boolean>, never>;
// expect: The types returned by 'searchIndex()' are incompatible
export type H = Held<Other<Aws, 'searchIndex', () => { search(): void }>, never>;
// expect: The types returned by 'settings()' are incompatible
export type I = Held<Other<Aws, 'settings', () => { epochLengthMs: string }>, never>;
// expect: Types of property 'compactsRaw' are incompatible
export type J = Held<Other<Aws, 'compactsRaw', () => boolean>, never>;
// expect: "Expected an export that Platform names"
export type K = Held<Aws & { readonly wakeUp: () => void }, never>;
// expect: "Expected an export that Platform names"
export type L = Held<typeof embedded, never>;
