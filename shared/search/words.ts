/** Scripts that are written without spaces between words; each of their characters is a word of its own, so that any part of a run is found. */
export const RUN_ON_SCRIPTS = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar'] as const;
/** The prolonged sound mark belongs to two scripts, so to neither. */
export const PROLONGED = 'ー';
const ALONE = [...RUN_ON_SCRIPTS.map((script) => `\\p{Script=${script}}`), PROLONGED].join('');
/** The characters that words consist of; all others separate words. */
const WORD = '\\p{L}\\p{N}\\p{M}\\p{Co}';
const WORDS = new RegExp(`[${ALONE}]|[[${WORD}]--[${ALONE}]]+`, 'gv');
const RUNS = new RegExp(`[${WORD}]+`, 'gv');
const IS_ALONE = new RegExp(`^[${ALONE}]$`, 'v');

/** In composed form (NFC), so that é is found however it was typed. */
export const composed = (text: string): string => text.normalize('NFC');
export const isAlone = (word: string): boolean => IS_ALONE.test(word);

/** The words of a text in order; text must be composed. */
export const wordsOf = (text: string): string[] => text.match(WORDS) ?? [];
/** Runs of adjacent words, with nothing between them. */
export const runsOf = (text: string): string[][] => (text.match(RUNS) ?? []).map(wordsOf);

/** Ranges of letters with diacritics: Latin, Greek and Cyrillic. */
const ACCENTED = [
  [0xc0, 0x24f],
  [0x370, 0x52f],
  [0x1e00, 0x1fff],
] as const;
const STROKES = ['øo', 'ØO', 'łl', 'ŁL', 'đd', 'ĐD', 'ħh', 'ĦH', 'ŧt', 'ŦT', 'ıi', 'ςσ'];
const WIDE = [
  [0xff10, 0xff19],
  [0xff21, 0xff3a],
  [0xff41, 0xff5a],
] as const;

const codes = ([from, to]: readonly [number, number]): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
/** Letters that engines do not fold to plain ones by themselves, and the plain letter of each: one for one, so that offsets in a text stay the same. */
export const PLAIN: ReadonlyMap<string, string> = new Map([
  ...ACCENTED.flatMap(codes).flatMap((code) => {
    const letter = String.fromCharCode(code);
    const base = letter.normalize('NFD')[0] as string;
    return base === letter ? [] : [[letter, base] as const];
  }),
  ...STROKES.map(([letter, plain]) => [letter as string, plain as string] as const),
  ...WIDE.flatMap(codes).map((code) => [String.fromCharCode(code), String.fromCharCode(code - 0xfee0)] as const),
]);
