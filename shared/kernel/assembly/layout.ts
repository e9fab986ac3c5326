// Where things are in the kernel's memory, which never grows. The host reads and writes it by the addresses that `index` exports.

/** What is read at once; a record that inflates to more is left to the general path. */
export const MAX_BYTES: u32 = 1 << 22;
export const MAX_LINES: u32 = 1 << 14;
/** Fields of one event type that are read. */
export const MAX_COLUMNS: u32 = 32;
/** Metrics of one event type. */
export const MAX_METRICS: u32 = 32;
/** Distinct texts, and their bytes. */
export const MAX_TEXTS: u32 = 1 << 16;
export const MAX_TEXT_BYTES: u32 = 1 << 22;
/** Distinct groups, and the words of 64 bits that distinguish them. */
export const MAX_GROUPS: u32 = 1 << 16;
export const MAX_WORDS: u32 = 1 << 19;
export const MAX_PLAN: u32 = 1 << 17;
/** Vectors are loaded past the end of what they hold. */
const SLACK: u32 = 64;

/** The compiler's own data are before it. */
const BASE: usize = 1 << 16;
export const PLAN: usize = BASE;
export const DATA: usize = PLAN + MAX_PLAN;

/** By line: where it begins, its event type from 1 on (0 for the general path), its time, where its source and its id are. */
export const STARTS: usize = DATA + MAX_BYTES + SLACK;
export const TYPES: usize = STARTS + 4 * (MAX_LINES + 1);
export const DATES: usize = TYPES + 4 * MAX_LINES;
export const CLOCKS: usize = DATES + 4 * MAX_LINES;
export const SOURCES: usize = CLOCKS + 4 * MAX_LINES;
export const SOURCE_LENGTHS: usize = SOURCES + 4 * MAX_LINES;
export const IDS: usize = SOURCE_LENGTHS + 4 * MAX_LINES;
export const ID_LENGTHS: usize = IDS + 4 * MAX_LINES;
/** Its id's place in a unit, -1 without; and the run of lines that have the same source and the same id before that place. */
export const PLACES: usize = ID_LENGTHS + 4 * MAX_LINES;
export const RUNS: usize = PLACES + 4 * MAX_LINES;
/** By metric, then by line: its group. */
export const GROUPS: usize = RUNS + 4 * MAX_LINES;
/** By column, then by line: a number, the code of a text, 1 or 0 for a boolean; NaN if it is missing. */
export const COLUMNS: usize = (GROUPS + 4 * MAX_METRICS * MAX_LINES + 15) & ~15;

/** By code: where the text is, and its length. */
export const TEXTS: usize = COLUMNS + 8 * MAX_COLUMNS * MAX_LINES;
export const TEXT_SLOTS: usize = TEXTS + 8 * MAX_TEXTS;
export const TEXT_BYTES: usize = TEXT_SLOTS + 16 * 2 * MAX_TEXTS;

/** By group: the line that it was first seen in, its words, and how many. */
export const FIRSTS: usize = TEXT_BYTES + MAX_TEXT_BYTES + SLACK;
export const GROUP_WORDS: usize = FIRSTS + 4 * MAX_GROUPS;
export const GROUP_LENGTHS: usize = GROUP_WORDS + 4 * MAX_GROUPS;
export const GROUP_SLOTS: usize = GROUP_LENGTHS + 4 * MAX_GROUPS;
export const WORDS: usize = GROUP_SLOTS + 16 * 2 * MAX_GROUPS;
export const END: usize = WORDS + 8 * MAX_WORDS + SLACK;
