import type { CallOp } from '../definition/definition.ts';
import { choices } from './choices.ts';
import { comparisons } from './comparisons.ts';
import { logic } from './logic.ts';
import { numbers } from './numbers.ts';
import type { Operator } from './operator.ts';
import { texts } from './texts.ts';
import { times } from './times.ts';
import { urls } from './urls.ts';

/** Every operator. To add one, implement it for both compilers in a file of this folder, and list it here. */
export const operators: Readonly<Record<CallOp, Operator>> = { ...comparisons, ...logic, ...choices, ...numbers, ...texts, ...times, ...urls };
