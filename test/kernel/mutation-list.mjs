const fault = (name, file, from, to) => ({ name, file, changes: [[from, to]] });
const assembly = (name) => `shared/kernel/assembly/${name}.ts`;
/** With fewer hashes than texts; by itself it changes nothing. */
const WEAK_HASH = { file: assembly('bytes'), changes: [['return mixed(hash ^ tail) | 1;', 'return (mixed(hash ^ tail) & 0x7ff) | 1;']] };
/** Faults to put into the kernel, and into what joins it to the general path: exact replacements. Each has to be caught. */
export const MUTATIONS = [
  fault(
    'an escape is taken as it is written',
    assembly('reading'),
    '    const stop = stopInText(at + 1);\n    if',
    '    const stop = pastText(at) - 1;\n    if',
  ),
  fault('a control character is taken in a text', assembly('json'), 'i8x16.lt_u(some, space)', 'i8x16.eq(some, i8x16.splat(NEWLINE as i8))'),
  fault(
    'a name that comes twice counts first',
    assembly('reading'),
    '  if (load<u32>(field, 16) === line) return 0;',
    '  if (load<u32>(field, 16) === line) return pastValue(at, 0);',
  ),
  fault(
    'a field keeps the value of an earlier line',
    assembly('reading'),
    'store<u64>(cellOf(field, row), MISSING)',
    'store<u64>(cellOf(field, MAX_LINES - 1), MISSING)',
  ),
  fault('numbers of 17 digits are taken', assembly('json'), 'const MAX_DIGITS: usize = 15;', 'const MAX_DIGITS: usize = 17;'),
  fault(
    'a number may begin with zeros',
    assembly('json'),
    'if (whole === 0 || (whole > 1 && load<u8>(first) === ZERO)) return 0;',
    'if (whole === 0) return 0;',
  ),
  fault('false is missing', assembly('reading'), '    if (isFalse(at)) store<f64>(cellOf(field, row), 0);\n', ''),
  fault('what follows the data does not matter', assembly('reading'), ' || load<u8>(at) !== CLOSE || load<u8>(at, 1) !== NEWLINE', ''),
  fault('a time may have anything for digits', assembly('reading'), '  return !isOdd && marks', '  return marks'),
  fault(
    'milliseconds are left out of the time',
    assembly('reading'),
    '(second * 10 + digit(at + 20)) * 100 + twoDigits(at + 21)',
    '(second * 10 + digit(at + 20)) * 100',
  ),
  fault('an index may begin with zeros', assembly('reading'), ' && (digits === 1 || load<u8>(at) !== ZERO)', ''),
  fault('sources do not matter for a run of ids', assembly('reading'), ' && isSame(source, runSource, sourceLength)', ''),
  {
    name: 'texts with the same hash are one text',
    file: assembly('dictionary'),
    changes: [['isSame(load<u32>(entry), from, length)', 'true']],
    also: WEAK_HASH,
  },
  {
    name: 'groups with the same hash are one group',
    file: assembly('folding'),
    changes: [['isSame(load<u32>(GROUP_WORDS + 4 * found), from, length)', 'true']],
    also: WEAK_HASH,
  },
  fault('groups do not depend on their last column', assembly('folding'), 'const length: usize = 8 * (count + 1);', 'const length: usize = 8 * max(count, 1);'),
  fault('windows of five minutes are of fifteen', assembly('folding'), 'clock - (minute % minutes)', 'clock - (minute % max(minutes, 15))'),
  fault('a metric shares the groups of another', assembly('folding'), '((metric as u64) << 44) | windowOf', '(((metric & 1) as u64) << 44) | windowOf'),
  fault('any character may be escaped', assembly('json'), '      return 0;\n  }\n}\nfunction isHex', '      return at + 2;\n  }\n}\nfunction isHex'),
  fault('a condition is not asked for', 'shared/kernel/kernel.ts', 'of.fold.counts(event) ? ', 'of.fold.counts(event) || true ? '),
  fault('codes mean what they meant before', 'shared/kernel/kernel.ts', "taken === 'changed' || calls.isHalfFull()", 'calls.isHalfFull()'),
  fault('lines that count twice are not arrivals', 'shared/speed/fast-path.ts', 'tally.more++;', ''),
];
