import type { AttributeValue } from '@aws-sdk/client-dynamodb';

type Item = Readonly<Record<string, AttributeValue>>;
interface Expression {
  readonly text: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, AttributeValue>>;
}

/** Whether an item meets a condition of DynamoDB's, of the operators that the adapters use. */
export const meets = ({ text, names, values }: Expression, item: Item | null): boolean => {
  const tokens = text.match(/[#:\w]+|<=|>=|[()<>=]/g) ?? [];
  let at = 0;
  const take = (): string => tokens[at++] ?? '';
  const expect = (token: string): void => {
    const got = take();
    if (got !== token) throw new Error(`Condition '${text}': Expected '${token}', got '${got}'`);
  };
  const operand = (token: string): AttributeValue | undefined => (token.startsWith(':') ? values[token] : item?.[names[token] ?? token]);
  const either = (): boolean => {
    let result = both();
    while (tokens[at] === 'OR') {
      at++;
      result = both() || result;
    }
    return result;
  };
  const both = (): boolean => {
    let result = term();
    while (tokens[at] === 'AND') {
      at++;
      result = term() && result;
    }
    return result;
  };
  const term = (): boolean => {
    const token = take();
    if (token === '(') {
      const result = either();
      expect(')');
      return result;
    }
    if (token === 'attribute_exists' || token === 'attribute_not_exists') {
      expect('(');
      const isThere = operand(take()) !== undefined;
      expect(')');
      return isThere === (token === 'attribute_exists');
    }
    return compare(operand(token), take(), operand(take()));
  };
  return either();
};

const compare = (left: AttributeValue | undefined, operator: string, right: AttributeValue | undefined): boolean => {
  if (left === undefined || right === undefined) return false;
  const [a, b] = left.N !== undefined && right.N !== undefined ? [Number(left.N), Number(right.N)] : [left.S ?? '', right.S ?? ''];
  switch (operator) {
    case '=':
      return a === b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    default:
      throw new Error(`Expected an operator of conditions, got '${operator}'`);
  }
};
