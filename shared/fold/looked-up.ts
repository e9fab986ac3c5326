import type { LookupNode } from '../definition/definition.ts';
import { MAX_DOUBLE } from '../definition/kinds.ts';
import type { StoredEvent } from '../log/stored-event.ts';
import type { Evaluate, Value } from '../operators/operator.ts';

/** The row of a table that is valid for an event, its cells as text; undefined if the table has none for the key. */
export type RowOf = (table: string, key: string) => Readonly<Record<string, string>> | undefined;

const ROWS: unique symbol = Symbol('rows');
type WithRows = StoredEvent & { readonly [ROWS]?: RowOf };

/** The event together with the reference data that its lookups read. They are no part of what is stored. */
export const withRows = (event: StoredEvent, rows: RowOf): StoredEvent => ({ ...event, [ROWS]: rows }) as WithRows;

/** @throws if the event came without rows: a table that was not read must never look like one without the key. */
export const lookedUp = ({ table, column, kind }: LookupNode, key: Evaluate): Evaluate => {
  const read = cellReader({ kind });
  return (event: WithRows) => {
    const rows = event[ROWS];
    if (rows === undefined) throw new TypeError(`Expected the rows of lookup '${table}' with the event, got none`);
    const value = key(event);
    const row = value === null ? undefined : rows(table, String(value));
    return row === undefined || !Object.hasOwn(row, column) ? null : read(row[column] as string);
  };
};

/** A cell as a value of a kind, null if it is of another. */
export const cellReader = ({ kind }: Pick<LookupNode, 'kind'>): ((cell: string) => Value) => READERS[kind];

/** As in SQL, where a cell is read like the JSON text of a field. */
const INTEGER = /^-?[0-9]{1,16}$/;
const DOUBLE = /^-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?$/;
const numberFrom = (cell: string): Value => (DOUBLE.test(cell) && Math.abs(Number(cell)) <= MAX_DOUBLE ? Number(cell) : null);
const READERS: Readonly<Record<LookupNode['kind'], (cell: string) => Value>> = {
  // Adding 0 makes -0 what it is in SQL.
  integer: (cell) => (INTEGER.test(cell) && Number.isSafeInteger(Number(cell)) ? Number(cell) + 0 : null),
  decimal: numberFrom,
  float: numberFrom,
  text: (cell) => cell,
  boolean: (cell) => (cell === 'true' ? true : cell === 'false' ? false : null),
};
