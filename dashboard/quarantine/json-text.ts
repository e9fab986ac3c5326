const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;
const STEP = '  ';

/** JSON, indented. Each token stays as it is written: parsed numbers would lose digits, and parsed objects their repeated keys. */
const indented = (json: string): string => {
  let text = '';
  let depth = 0;
  let before = '';
  const newLine = () => `\n${STEP.repeat(depth)}`;
  for (const [token] of json.matchAll(TOKEN)) {
    const isEnd = token === '}' || token === ']';
    if (isEnd) depth--;
    if (isEnd ? before !== '{' && before !== '[' : before === '{' || before === '[' || before === ',') text += newLine();
    text += token === ':' ? ': ' : token;
    if (token === '{' || token === '[') depth++;
    before = token;
  }
  return text;
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** A body as it came, indented if it is JSON. */
export const shownBody = (body: string): string => (isJson(body) ? indented(body) : body);

/** Whether a key, as it is written, names this field. */
export const isKeyOf = (key: string, field: string): boolean => isJson(key) && JSON.parse(key) === field;
