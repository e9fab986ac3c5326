import { parsePattern, printPattern } from '../definition/pattern.ts';
import { constantOf, type Operator, ofText } from './operator.ts';

/** Longer texts match nothing and are null: what a pattern costs may grow with the square of the text. */
const MAX_LENGTH = 4_096;

export const matches: Operator = {
  fold: (args, node) => {
    const pattern = new RegExp(printPattern(parsePattern(String(constantOf(node, 1))), 'javascript'), 'u');
    return ofText((text) => (text.length > 2 * MAX_LENGTH || isLonger(text) ? null : pattern.test(text)))(args);
  },
  sql: (dialect, [a], node) => {
    const pattern = printPattern(parsePattern(String(constantOf(node, 1))), 'sql');
    return `CASE WHEN length(${a}) <= ${MAX_LENGTH} THEN ${dialect.finds(a, pattern)} END`;
  },
};

/** In code points, which are at most as many as the text's units. */
const isLonger = (text: string): boolean => {
  if (text.length <= MAX_LENGTH) return false;
  let points = 0;
  for (const _ of text) if (++points > MAX_LENGTH) return true;
  return false;
};
