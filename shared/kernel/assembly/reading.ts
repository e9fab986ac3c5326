import { isSame } from './bytes';
import { codeOf } from './dictionary';
import {
  CLOSE,
  COLON,
  COMMA,
  isDigit,
  isFalse,
  isTrue,
  MINUS,
  NEWLINE,
  numberRead,
  pastNewline,
  pastNumber,
  pastText,
  pastValue,
  QUOTE,
  stopInText,
  ZERO,
} from './json';
import { CLOCKS, COLUMNS, DATA, DATES, ID_LENGTHS, IDS, MAX_LINES, PLACES, PLAN, RUNS, SOURCE_LENGTHS, SOURCES, STARTS, TYPES } from './layout';

/*
 * The plan: pairs of words (address, length) of what is between the values of an envelope; the number of types; and for each
 * the address and length of its name, and of its fields. A field: address and length of its key, what of it is read, its column,
 * and the line that it was met in last.
 */
const ID_KEY: usize = PLAN;
const SOURCE_KEY: usize = PLAN + 8;
const TYPE_KEY: usize = PLAN + 16;
const SUBJECT_KEY: usize = PLAN + 24;
const TIME_KEY: usize = PLAN + 32;
const DATA_KEY: usize = PLAN + 40;
const TYPE_COUNT: usize = PLAN + 48;
const TYPE_LIST: usize = PLAN + 56;
const TYPE_SIZE: usize = 16;
const FIELD_SIZE: usize = 20;

const READ_TEXT: u32 = 1;
const READ_NUMBER: u32 = 2;
const READ_BOOLEAN: u32 = 3;
const MISSING: u64 = 0x7ff8000000000000;

const MAX_INDEX_DIGITS: usize = 6;
const TIME_LENGTH: usize = 24;

/** Counts the lines that were ever read, so that a field need not forget the line that it was met in. */
let line: u32 = 0;
/** The line before that was read, for its source and the part of its id before the place. */
let run: u32 = 0;
let runSource: usize = 0;
let runSourceLength: usize = 0;
let runKey: usize = 0;
let runKeyLength: usize = 0;
/** Set where a digit is expected and something else is there. */
let isOdd: bool = false;

/** Reads the lines of `length` bytes of NDJSON, up to MAX_LINES. Returns how many. */
export function read(length: u32): u32 {
  const end = DATA + length;
  let at = DATA;
  let lines: u32 = 0;
  run = 0;
  runKeyLength = usize.MAX_VALUE;
  while (at < end && lines < MAX_LINES) {
    line++;
    store<u32>(STARTS + 4 * lines, (at - DATA) as u32);
    const past = readLine(at, lines);
    if (past === 0) store<u32>(TYPES + 4 * lines, 0);
    at = past === 0 ? pastNewline(at) : past;
    lines++;
  }
  store<u32>(STARTS + 4 * lines, (at - DATA) as u32);
  return lines;
}

/** Past what is expected here, 0 if it is something else. */
function past(at: usize, expected: usize): usize {
  const length: usize = load<u32>(expected, 4);
  return isSame(at, load<u32>(expected), length) ? at + length : 0;
}

/** Past the newline of a plain line, 0 if it is not plain. */
function readLine(at: usize, row: u32): usize {
  const id = past(at, ID_KEY);
  if (id === 0) return 0;
  const idEnd = stopInText(id);
  const source = past(idEnd, SOURCE_KEY);
  if (source === 0) return 0;
  const sourceEnd = stopInText(source);
  at = past(sourceEnd, TYPE_KEY);
  if (at === 0) return 0;

  const types = load<u32>(TYPE_COUNT);
  let type: u32 = 0;
  let after: usize = 0;
  for (; type < types; type++) {
    after = past(at, TYPE_LIST + TYPE_SIZE * type);
    if (after !== 0) break;
  }
  if (after === 0) return 0;
  at = after;
  after = past(at, SUBJECT_KEY);
  if (after !== 0) {
    at = pastText(after - 1);
    if (at === 0) return 0;
  }
  at = past(at, TIME_KEY);
  if (at === 0 || !readTime(at, row)) return 0;
  at = past(at + TIME_LENGTH, DATA_KEY);
  if (at === 0) return 0;
  at = readData(at, type, row);
  if (at === 0 || load<u8>(at) !== CLOSE || load<u8>(at, 1) !== NEWLINE) return 0;

  const offset = 4 * row;
  store<u32>(TYPES + offset, type + 1);
  store<u32>(SOURCES + offset, source as u32);
  store<u32>(SOURCE_LENGTHS + offset, (sourceEnd - source) as u32);
  store<u32>(IDS + offset, id as u32);
  store<u32>(ID_LENGTHS + offset, (idEnd - id) as u32);
  placeId(id, idEnd, source, sourceEnd, row);
  return at + 2;
}

function digit(at: usize): u32 {
  const value = (load<u8>(at) - ZERO) as u8;
  if (value > 9) isOdd = true;
  return value as u32;
}
function twoDigits(at: usize): u32 {
  return digit(at) * 10 + digit(at + 1);
}
/** YYYY-MM-DDTHH:MM:SS.mmmZ as two numbers, YYYYMMDD and HHMMSSmmm. The general path does not check either whether there is such a day. */
function readTime(at: usize, row: u32): bool {
  isOdd = false;
  const date = ((twoDigits(at) * 100 + twoDigits(at + 2)) * 100 + twoDigits(at + 5)) * 100 + twoDigits(at + 8);
  const second = (twoDigits(at + 11) * 100 + twoDigits(at + 14)) * 100 + twoDigits(at + 17);
  const clock = (second * 10 + digit(at + 20)) * 100 + twoDigits(at + 21);
  store<u32>(DATES + 4 * row, date);
  store<u32>(CLOCKS + 4 * row, clock);
  const marks = load<u8>(at, 4) === MINUS && load<u8>(at, 7) === MINUS && load<u8>(at, 10) === 0x54 && load<u8>(at, 13) === COLON;
  return !isOdd && marks && load<u8>(at, 16) === COLON && load<u8>(at, 19) === 0x2e && load<u8>(at, 23) === 0x5a;
}

/** Cuts an id `{key}:{index}` at its colon: an index has one to six digits, without leading zeros. */
function placeId(id: usize, idEnd: usize, source: usize, sourceEnd: usize, row: u32): void {
  let at = idEnd;
  while (at > id && idEnd - at < MAX_INDEX_DIGITS && isDigit(load<u8>(at - 1))) at--;
  const digits = idEnd - at;
  const isPlaced = digits > 0 && at > id && load<u8>(at - 1) === COLON && (digits === 1 || load<u8>(at) !== ZERO);
  let place: i32 = -1;
  if (isPlaced) {
    place = 0;
    for (let i = at; i < idEnd; i++) place = place * 10 + ((load<u8>(i) - ZERO) as i32);
  }
  const keyLength = isPlaced ? at - 1 - id : idEnd - id;
  const sourceLength = sourceEnd - source;
  const isSameRun = keyLength === runKeyLength && sourceLength === runSourceLength && isSame(id, runKey, keyLength) && isSame(source, runSource, sourceLength);
  if (!isSameRun) run++;
  runKey = id;
  runKeyLength = keyLength;
  runSource = source;
  runSourceLength = sourceLength;
  store<i32>(PLACES + 4 * row, place);
  store<u32>(RUNS + 4 * row, run);
}

/** Reads the fields of an event's data, from past its brace. A field that a metric reads must come once; others may come any number of times. */
function readData(at: usize, type: u32, row: u32): usize {
  const fields: usize = load<u32>(TYPE_LIST + TYPE_SIZE * type, 8);
  const end = fields + FIELD_SIZE * load<u32>(TYPE_LIST + TYPE_SIZE * type, 12);
  for (let field = fields; field < end; field += FIELD_SIZE) {
    if (load<u32>(field, 8) !== 0) store<u64>(cellOf(field, row), MISSING);
  }
  if (load<u8>(at) === CLOSE) return at + 1;
  // Fields usually come in the schema's order, so the next one is tried first.
  let likely = fields;
  while (true) {
    let field: usize = 0;
    let value = likely < end ? past(at, likely) : 0;
    if (value !== 0) field = likely;
    else {
      if (load<u8>(at) !== QUOTE) return 0;
      const stop = stopInText(at + 1);
      if (load<u8>(stop) !== QUOTE || load<u8>(stop, 1) !== COLON) return 0;
      value = stop + 2;
      for (let one = fields; one < end; one += FIELD_SIZE) {
        if (load<u32>(one, 4) !== ((value - at) as u32) || past(at, one) === 0) continue;
        field = one;
        break;
      }
    }
    if (field === 0) at = pastValue(value, 0);
    else {
      likely = field + FIELD_SIZE;
      at = readField(value, field, row);
    }
    if (at === 0) return 0;
    const after = load<u8>(at++);
    if (after === CLOSE) return at;
    if (after !== COMMA) return 0;
  }
}

function cellOf(field: usize, row: u32): usize {
  return COLUMNS + 8 * (load<u32>(field, 12) * MAX_LINES + row);
}

/** A value of another kind than the field's counts as missing. */
function readField(at: usize, field: usize, row: u32): usize {
  const how = load<u32>(field, 8);
  if (how === 0) return pastValue(at, 0);
  if (load<u32>(field, 16) === line) return 0;
  store<u32>(field, line, 16);
  const first = load<u8>(at);
  if (how === READ_TEXT && first === QUOTE) {
    const stop = stopInText(at + 1);
    if (load<u8>(stop) !== QUOTE) return 0;
    const code = codeOf(at + 1, stop - at - 1);
    if (code < 0) return 0;
    store<f64>(cellOf(field, row), code as f64);
    return stop + 1;
  }
  if (how === READ_NUMBER && (isDigit(first) || first === MINUS)) {
    const after = pastNumber(at);
    if (after === 0) return 0;
    store<f64>(cellOf(field, row), numberRead());
    return after;
  }
  if (how === READ_BOOLEAN) {
    if (isTrue(at)) store<f64>(cellOf(field, row), 1);
    if (isFalse(at)) store<f64>(cellOf(field, row), 0);
  }
  return pastValue(at, 0);
}
