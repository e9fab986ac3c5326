import { isKeyOf, shownBody } from '../../dashboard/quarantine/json-text.ts';

test('a rejected body is shown as it came: every digit, and a key that is there twice', () =>
  expect(shownBody('{"id":9007199254740993,"size":1.0,"tags":["a, {b}:",-1e+2],"id":"\\u00e9 \\"x\\"","none":{ },"list":[],"is":true}')).toBe(
    [
      '{',
      '  "id": 9007199254740993,',
      '  "size": 1.0,',
      '  "tags": [',
      '    "a, {b}:",',
      '    -1e+2',
      '  ],',
      '  "id": "\\u00e9 \\"x\\"",',
      '  "none": {},',
      '  "list": [],',
      '  "is": true',
      '}',
    ].join('\n'),
  ));

test.each(['{"a": 1,', '', 'a,b\n1,2', '"text"', '17'])('%j is shown raw', (body) => expect(shownBody(body)).toBe(body));

test('the indent is that of JSON.stringify', () => {
  const json = { a: [{ b: [[1], {}, []] }, null], c: { d: false } };
  expect(shownBody(JSON.stringify(json))).toBe(JSON.stringify(json, null, 2));
  expect(shownBody(JSON.stringify(json, null, '\t'))).toBe(JSON.stringify(json, null, 2));
});

test('a key is compared by what it says, however it is written', () =>
  expect([isKeyOf('"t\\u0069me"', 'time'), isKeyOf('"time"', 'tim'), isKeyOf('"\\x"', 'x')]).toEqual([true, false, false]));
