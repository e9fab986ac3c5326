import { constantOf, type Operator } from './operator.ts';

export const choices = {
  exists: {
    fold:
      ([a]) =>
      (event) =>
        a?.(event) !== null,
    sql: (_, [a]) => `(${a} IS NOT NULL)`,
  },
  coalesce: {
    fold:
      ([a, b]) =>
      (event) =>
        a?.(event) ?? b?.(event) ?? null,
    sql: (_, args) => `coalesce(${args.join(', ')})`,
  },
  when: {
    fold:
      ([condition, a, b]) =>
      (event) =>
        (condition?.(event) === true ? a?.(event) : b?.(event)) ?? null,
    sql: (_, [condition, a, b]) => `CASE WHEN ${condition} THEN ${a} ELSE ${b} END`,
  },
  // A value of the events for which the condition is true: what `{ where }` of a measure makes of it; true where it takes none.
  where: {
    fold:
      ([condition, a]) =>
      (event) =>
        condition?.(event) === true ? (a === undefined ? true : a(event)) : null,
    sql: (_, [condition, a = 'true']) => `CASE WHEN ${condition} THEN ${a} END`,
  },
  // A value, its bounds in ascending order, and what each of them is called.
  bucket: {
    fold: ([a], node) => {
      const count = (node.args.length - 1) / 2;
      const bounds = Array.from({ length: count }, (_, i) => Number(constantOf(node, 1 + i)));
      const names = Array.from({ length: count }, (_, i) => constantOf(node, 1 + count + i));
      return (event) => {
        const value = a?.(event) ?? null;
        if (value === null) return null;
        const above = bounds.findIndex((bound) => Number(value) < bound);
        return names[(above === -1 ? count : above) - 1] ?? null;
      };
    },
    sql: (_, [a, ...rest]) => {
      const bounds = rest.slice(0, rest.length / 2);
      const names = rest.slice(rest.length / 2);
      const descending = bounds.map((bound, i) => `WHEN ${a} >= ${bound} THEN ${names[i]}`).reverse();
      return `CASE ${descending.join(' ')} END`;
    },
  },
} satisfies Record<string, Operator>;
