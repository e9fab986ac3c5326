/** The type of a JSON value, and its name in error messages. */
export type JsonObject = Readonly<Record<string, unknown>>;
export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

export const kindOfJson = (value: unknown): string =>
  value === undefined
    ? 'nothing that is JSON'
    : value === null
      ? 'null'
      : Array.isArray(value)
        ? 'an array'
        : typeof value === 'object'
          ? 'an object'
          : `${typeof value} ${short(value)}`;

/** A value as JSON, shortened if it is long. */
export const short = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
};
