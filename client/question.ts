/** The query string of a query: values of a list are encoded separately, and joined by commas. */
export const queryOf = (question: object): string => {
  const parameters: string[] = [];
  const put = (name: string, values: readonly unknown[]): void =>
    void parameters.push(`${encodeURIComponent(name)}=${values.map((value) => encodeURIComponent(textOf(value))).join(',')}`);
  const add = (name: string, value: unknown): void => {
    if (value === undefined) return;
    const values = listOf(value);
    if (values.length === 0) {
      if (name === 'by' || name === 'measures' || name === 'order') return;
      throw new TypeError(`${name}: Expected at least one value, got none`);
    }
    // A comma separates even if it is encoded.
    if (name.startsWith('filter[') && values.some((one) => textOf(one).includes(','))) for (const one of values) put(`${name}[]`, [one]);
    else put(name, values);
  };
  for (const [name, value] of Object.entries(question)) {
    if (name === 'filter' || name === 'having') for (const [column, wanted] of Object.entries(value ?? {})) addConditions(`${name}[${column}]`, wanted, add);
    else add(name, name === 'compare' && typeof value === 'object' ? rangeText(value) : value);
  }
  return parameters.length === 0 ? '' : `?${parameters.join('&')}`;
};

const addConditions = (name: string, wanted: unknown, add: (name: string, value: unknown) => void): void => {
  if (wanted === null) add(`${name}[is]`, 'null');
  else if (typeof wanted !== 'object' || Array.isArray(wanted)) add(name, wanted);
  else for (const [operator, value] of Object.entries(wanted)) add(operator === 'in' ? name : `${name}[${operator}]`, value === null ? 'null' : value);
};

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
const textOf = (value: unknown): string => (value instanceof Date ? value.toISOString() : String(value));

/** A query as JSON for POST /query: without lists that are empty. */
export const jsonOf = (question: object): object =>
  Object.fromEntries(
    Object.entries(question)
      .filter(([, value]) => !(Array.isArray(value) && value.length === 0))
      .map(([name, value]) => [name, name === 'compare' && typeof value === 'object' ? rangeText(value) : value]),
  );
const rangeText = ({ from, to }: { readonly from: unknown; readonly to: unknown }): string => `${textOf(from)}..${textOf(to)}`;
