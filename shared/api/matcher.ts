import type { Route } from './routes.ts';

export interface Matched {
  readonly route: Route;
  /** Percent-decoded, by name. */
  readonly pathParameters: Readonly<Record<string, string>>;
}
/** The path of a route, when the method does not match. */
export interface OtherMethods {
  readonly allow: readonly string[];
}

/** Finds the route of a call; null if no route has the path. HEAD is GET without the body (RFC 9110, 9.3.2). */
export const matcher = (routes: readonly Route[]): ((method: string, path: string) => Matched | OtherMethods | null) => {
  const templates = routes.map((route) => ({ route, ...templateOf(route.key) }));
  return (method, path) => {
    const found = templates.flatMap(({ route, method, match }) => {
      // A base URL with a slash at its end leads to two slashes.
      const pathParameters = match(path.replace(/^\/{2,}/, '/'));
      return pathParameters === null ? [] : [{ route, method, pathParameters }];
    });
    if (found.length === 0) return null;
    const wanted = method === 'HEAD' ? 'GET' : method;
    // A literal path comes before one with a parameter.
    const [first] = found.filter((one) => one.method === wanted).sort((a, b) => Object.keys(a.pathParameters).length - Object.keys(b.pathParameters).length);
    if (first !== undefined) return { route: first.route, pathParameters: first.pathParameters };
    return { allow: [...new Set(found.flatMap((one) => (one.method === 'GET' ? ['GET', 'HEAD'] : [one.method])))] };
  };
};

const templateOf = (key: Route['key']): { readonly method: string; readonly match: (path: string) => Record<string, string> | null } => {
  const [method = '', path = ''] = key.split(' ');
  const names = [...path.matchAll(/\{(\w+)\+?\}/g)].map(([, name]) => name as string);
  const pattern = new RegExp(
    `^${path
      .replaceAll('.', '\\.')
      .replace(/\{\w+\+\}/g, '(.+)')
      .replace(/\{\w+\}/g, '([^/]+)')}/?$`,
  );
  return {
    method,
    match: (path) => {
      const found = pattern.exec(path);
      if (found === null) return null;
      try {
        return Object.fromEntries(names.map((name, i) => [name, decodeURIComponent(found[i + 1] ?? '')]));
      } catch {
        return null;
      }
    },
  };
};
