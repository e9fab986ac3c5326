import { type Evaluate, infix, type Operator } from './operator.ts';

/** Three-valued logic: `decides` alone settles it; otherwise null if any operand is null. */
export const logicOf =
  (decides: boolean) =>
  (args: readonly Evaluate[]): Evaluate =>
  (event) => {
    let unknown = false;
    for (const arg of args) {
      const value = arg(event);
      if (value === decides) return decides;
      if (value === null) unknown = true;
    }
    return unknown ? null : !decides;
  };

export const logic = {
  and: { fold: logicOf(false), sql: infix('AND') },
  or: { fold: logicOf(true), sql: infix('OR') },
  not: {
    fold:
      ([a]) =>
      (event) => {
        const value = a?.(event) ?? null;
        return value === null ? null : !value;
      },
    sql: (_, [a]) => `(NOT ${a})`,
  },
} satisfies Record<string, Operator>;
