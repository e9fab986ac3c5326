import { endOfString } from '../../shared/ingest/json-text.ts';

// Works on the text of an object, so that values stay as they were written: numbers past 2^53, for one.

interface Member {
  readonly name: string;
  /** Its value's own text. */
  readonly text: string;
}

/** The members of a JSON object; null if the text is no object. */
const membersOf = (text: string): Member[] | null => {
  if (!isObject(text)) return null;
  const members: Member[] = [];
  let depth = 0;
  let name: string | null = null;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '"') {
      const end = endOfString(text, i);
      if (depth === 1 && name === null) name = JSON.parse(text.slice(i, end)) as string;
      i = end - 1;
    } else if (char === ':' && depth === 1) start = i + 1;
    else if ((char === ',' || char === '}') && depth === 1) {
      if (name !== null) members.push({ name, text: text.slice(start, i).trim() });
      name = null;
      if (char === '}') depth--;
    } else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
  }
  return members;
};
const isObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

/** The text of the value at a path such as `meta.id`; null if there is none. */
export const textAt = (text: string, path: string): string | null => {
  const whole = membersOf(text)?.find(({ name }) => name === path);
  if (whole !== undefined) return whole.text;
  const dot = path.indexOf('.');
  const inner = dot === -1 ? undefined : membersOf(text)?.find(({ name }) => name === path.slice(0, dot));
  return inner === undefined ? null : textAt(inner.text, path.slice(dot + 1));
};

/** Gives fields other names: by new name, the path of the value. Others stay. A text that is no object is unchanged. */
export const renamed = (text: string, map: Readonly<Record<string, string>>): string => {
  const members = membersOf(text);
  if (members === null) return text;
  const found = Object.entries(map).flatMap(([name, path]): Member[] => {
    const value = textAt(text, path);
    return value === null ? [] : [{ name, text: value }];
  });
  const gone = new Set([...Object.values(map), ...found.map(({ name }) => name)]);
  const kept = members.filter(({ name }) => !gone.has(name));
  return `{${[...kept, ...found].map(({ name, text: value }) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
};
