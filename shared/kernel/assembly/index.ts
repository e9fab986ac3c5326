// The kernel: lines of the log as columns, and the groups that they belong to. scripts/kernel.mjs compiles it.
import { forgetTexts, isHalfFullOfTexts } from './dictionary';
import { forgetGroups, isHalfFullOfGroups } from './folding';
import { END } from './layout';

export { group, groupCount } from './folding';
export {
  CLOCKS,
  COLUMNS,
  DATA,
  DATES,
  FIRSTS,
  GROUPS,
  ID_LENGTHS,
  IDS,
  MAX_BYTES,
  MAX_COLUMNS,
  MAX_GROUPS,
  MAX_LINES,
  MAX_METRICS,
  MAX_PLAN,
  MAX_TEXTS,
  PLACES,
  PLAN,
  RUNS,
  SOURCE_LENGTHS,
  SOURCES,
  STARTS,
  TEXTS,
  TYPES,
} from './layout';
export { read } from './reading';

/** Takes all the memory that it will ever have; false if there is not so much. */
export function open(): bool {
  return memory.grow((((END + 0xffff) >> 16) as i32) - memory.size()) >= 0;
}

/** Whether texts and groups take more than half of their room. */
export function isHalfFull(): bool {
  return isHalfFullOfTexts() || isHalfFullOfGroups();
}

/** Forgets all texts, and the groups that are made of their codes. */
export function forget(): void {
  forgetTexts();
  forgetGroups();
}
