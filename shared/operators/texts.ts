import { lowerCase, upperCase } from '../definition/text.ts';
import { quoteText } from '../sql/dialect.ts';
import { matches } from './matches.ts';
import { constantOf, type Operator, ofBoth, ofText } from './operator.ts';

const translated = ({ from, to }: { from: string; to: string }, text: string) => `translate(${text}, ${quoteText(from)}, ${quoteText(to)})`;
export const lowerSql = (text: string): string => translated(lowerCase, text);

/** What `trim` removes: the white space of ASCII. */
const SPACE = ' \t\n\v\f\r';
const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);
/** In linear time, unlike a regular expression for the end of a text. */
const trimmed = (text: string): string => {
  let [from, to] = [0, text.length];
  while (from < to && isSpace(text.charCodeAt(from))) from++;
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
};
/** Code points, as in SQL; well-formed text has one unit for each, or a pair. */
const lengthOf = (text: string): number => {
  let pairs = 0;
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xdc00) pairs++;
  return text.length - pairs;
};

export const texts = {
  lower: { fold: ofText(lowerCase.of), sql: (_, [a]) => lowerSql(a) },
  upper: { fold: ofText(upperCase.of), sql: (_, [a]) => translated(upperCase, a) },
  trim: { fold: ofText(trimmed), sql: (dialect, [a]) => dialect.trim(a, SPACE) },
  length: { fold: ofText(lengthOf), sql: (_, [a]) => `CAST(length(${a}) AS BIGINT)` },
  concat: {
    fold: (args) => (event) => {
      let all = '';
      for (const arg of args) {
        const value = arg(event);
        if (value === null) return null;
        all += value;
      }
      return all;
    },
    sql: (_, args) => `(${args.join(' || ')})`,
  },
  part: {
    fold: (args, node) => {
      const [separator, place] = [String(constantOf(node, 1)), Number(constantOf(node, 2))];
      return ofText((text) => text.split(separator)[place - 1] ?? null)(args);
    },
    sql: (dialect, [a, separator = ''], node) => dialect.part(a, separator, Number(constantOf(node, 2))),
  },
  startsWith: { fold: ofBoth<string>((text, start) => text.startsWith(start)), sql: (_, [a, b]) => `starts_with(${a}, ${b})` },
  contains: { fold: ofBoth<string>((text, part) => text.includes(part)), sql: (_, [a, b]) => `(strpos(${a}, ${b}) > 0)` },
  matches,
} satisfies Record<string, Operator>;
