import type { Model, Shape } from './model.ts';

/**
 * In what a request differs from the model of its service: members, types, lengths, ranges, patterns, enumerations. The
 * service refuses it, or leaves out what it does not know; a local server often does neither.
 */
export const violationsOf = ({ metadata, operations, shapes }: Model, operation: string, input: object): string[] => {
  const found: string[] = [];
  const check = (name: string, value: unknown, at: string): void => {
    const shape = shapes[name];
    if (shape === undefined) throw new Error(`Expected a shape of ${metadata.serviceId}, got ${name}`);
    for (const problem of problemsOf(shape, value)) found.push(`${at}: ${problem}`);
    if (Array.isArray(value)) for (const [i, one] of value.entries()) check(shape.member?.shape ?? '', one, `${at}[${i}]`);
    else if (shape.type === 'map')
      for (const [key, one] of entriesOf(value)) {
        check(shape.key?.shape ?? '', key, `${at}, key ${key}`);
        check(shape.value?.shape ?? '', one, `${at}.${key}`);
      }
    else if (shape.type === 'structure')
      for (const [key, one] of entriesOf(value)) {
        const member = shape.members?.[key];
        if (member !== undefined) check(member.shape, one, `${at}.${key}`);
      }
  };
  const described = operations[operation];
  if (described === undefined) return [`${metadata.serviceId}: Expected an operation of the service, got ${operation}`];
  if (described.input !== undefined) check(described.input.shape, input, `${metadata.serviceId}.${operation}`);
  return found;
};

/** What is wrong with a value itself; what is in it is looked at apart. */
const problemsOf = (shape: Shape, value: unknown): string[] => {
  switch (shape.type) {
    case 'structure': {
      if (!isRecord(value)) return [expected('a structure', value)];
      const members = Object.keys(shape.members ?? {});
      const unknown = entriesOf(value).filter(([name]) => !members.includes(name));
      const missing = (shape.required ?? []).filter((name) => value[name] === undefined || value[name] === null);
      return [
        ...unknown.map(([name]) => expected(`one of the members ${members.join(', ')}`, name)),
        ...missing.map((name) => expected(`the member ${name}`, Object.keys(value).join(', '))),
      ];
    }
    case 'list':
      return Array.isArray(value) ? outOfRange(shape, value.length, 'items') : [expected('a list', value)];
    case 'map':
      return isRecord(value) ? outOfRange(shape, Object.keys(value).length, 'entries') : [expected('a map', value)];
    case 'string':
      return typeof value === 'string' ? textProblems(shape, value) : [expected('a text', value)];
    case 'blob':
      if (typeof value === 'string' || value instanceof Uint8Array) return outOfRange(shape, Buffer.byteLength(value), 'bytes');
      return isRecord(value) ? [] : [expected('bytes', value)];
    case 'integer':
    case 'long':
      return Number.isSafeInteger(value) ? outOfRange(shape, value as number, 'a number') : [expected('a whole number', value)];
    case 'float':
    case 'double':
      return typeof value === 'number' ? outOfRange(shape, value, 'a number') : [expected('a number', value)];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [expected('true or false', value)];
    case 'timestamp':
      return value instanceof Date ? [] : [expected('a time', value)];
    default:
      throw new Error(`Expected a known type of a shape, got ${shape.type}`);
  }
};

const textProblems = (shape: Shape, value: string): string[] => [
  ...outOfRange(shape, [...value].length, 'characters'),
  ...(shape.pattern === undefined || regexOf(shape.pattern).test(value) ? [] : [expected(`a text that matches ${shape.pattern}`, value)]),
  ...(shape.enum === undefined || shape.enum.includes(value) ? [] : [expected(`one of ${shape.enum.join(', ')}`, value)]),
];
const outOfRange = ({ min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: Shape, n: number, what: string): string[] =>
  n >= min && n <= max ? [] : [expected(`${what} from ${min} to ${max}`, n)];

/** The SDK leaves out what is undefined. */
const entriesOf = (value: unknown): [string, unknown][] => (isRecord(value) ? Object.entries(value).filter(([, one]) => one !== undefined) : []);
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const expected = (what: string, got: unknown): string =>
  `Expected ${what}, got ${typeof got === 'string' ? `'${got.slice(0, 100)}'` : (JSON.stringify(got)?.slice(0, 100) ?? String(got))}`;

const regexes = new Map<string, RegExp>();
/** Of the whole text, as Java's `matches` has it: most patterns of these models have no anchors. */
const regexOf = (pattern: string): RegExp => {
  let regex = regexes.get(pattern);
  if (regex === undefined) regexes.set(pattern, (regex = new RegExp(`^(?:${pattern})$`, 'u')));
  return regex;
};
