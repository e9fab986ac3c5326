/** The query string of a query: values of a list are encoded separately, and joined by commas. */
export const queryOf = (question: object): string => {
  const parameters: string[] = [];
  const add = (name: string, value: unknown): void => {
    if (value === undefined) return;
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (values.length === 0) {
      if (name === 'by' || name === 'measures' || name === 'order') return;
      throw new TypeError(`${name}: Expected at least one value, got none`);
    }
    parameters.push(`${encodeURIComponent(name)}=${values.map((one) => encodeURIComponent(one instanceof Date ? one.toISOString() : String(one))).join(',')}`);
  };
  for (const [name, value] of Object.entries(question)) {
    if (name === 'filter') for (const [dimension, wanted] of Object.entries(value ?? {})) add(`filter[${dimension}]`, wanted);
    else add(name, value);
  }
  return parameters.length === 0 ? '' : `?${parameters.join('&')}`;
};
