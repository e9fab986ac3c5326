import type { CallOp } from '../definition/definition.ts';
import { choices } from './choices.ts';
import { comparisons } from './comparisons.ts';
import { logic } from './logic.ts';
import { numbers } from './numbers.ts';
import type { Operator } from './operator.ts';
import { texts } from './texts.ts';
import { times } from './times.ts';
import { urls } from './urls.ts';

/** Every operator: what a new one does in either compiler stands here. */
export const operators: Readonly<Record<CallOp, Operator>> = { ...comparisons, ...logic, ...choices, ...numbers, ...texts, ...times, ...urls };
