import type { HttpHandler } from '../request/http.ts';
import type { KeysOf, Route } from './routes.ts';

/** The names of a path's parameters. */
type ParametersOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${infer Whole}+` ? Whole : Name) | ParametersOf<Rest>
  : never;

/** A handler for each route of a function, and for no other; each gets the parameters of its own path. */
export type Handlers<F extends Route['function']> = { readonly [K in KeysOf<{ readonly function: F }>]: HttpHandler<ParametersOf<K>> };
