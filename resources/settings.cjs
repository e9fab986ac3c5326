// How settings that hold several values are written: one text, so that --param can set them.

/** 'a, b' → ['a', 'b']; none → []. */
exports.listOf = (text) =>
  String(text) === 'none'
    ? []
    : String(text)
        .split(',')
        .flatMap((one) => (one.trim() === '' ? [] : [one.trim()]));

/** @throws naming the setting and what it takes */
exports.expect = (holds, setting, what, got) => {
  if (!holds) throw new Error(`${setting}: Expected ${what}, got '${got}'`);
};
