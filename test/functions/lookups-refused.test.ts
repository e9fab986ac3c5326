import { PRODUCTS, put, states } from './lookups-world.ts';

const problemOf = async (...[table, csv, parameters]: Parameters<typeof put>) => {
  const { status, body } = await put(table, csv, parameters);
  return [status, body.detail, ...(body.errors ?? []).map(({ index, path, message }) => `${index} ${path} ${message}`)];
};
test.each([
  ['an odd name', 'pro%20duct', PRODUCTS, '', [400, expect.stringContaining("got 'pro duct'")]],
  ['no key', 'product', 'kind\ntea\n', '', [400, expect.stringContaining('2 to 64 columns')]],
  ['a missing column', 'product', 'sku,kind,price,isFood\n', '', [400, expect.stringContaining("Expected a column 'stock'")]],
  ['a column twice', 'shop', 'id,value,value\n', '', [400, expect.stringContaining("got 'value' again")]],
  ['an odd column', 'shop', 'id,value,"a""b"\n', '', [400, expect.stringContaining('without quotes')]],
  ['no rows', 'shop', 'id,value\n', '', [400, expect.stringContaining('Expected rows after the line of names, got none')]],
  ['no CSV', 'shop', 'id,value\n1,"a', '', [400, expect.stringContaining('Expected CSV')]],
  ['a bad time', 'shop', 'id,value\n', '?validFrom=yesterday', [400, expect.stringContaining('validFrom')]],
  ['an unknown parameter', 'shop', 'id,value\n', '?from=2026-01-01', [400, expect.stringContaining("got 'from'")]],
  ['a large table', 'shop', `id,value\n1,${'x'.repeat(4_194_304)}\n`, '', [413, expect.stringContaining('Leave out columns and rows')]],
  [
    'wrong cells',
    'product',
    'sku,kind,price,isFood,stock\ntea,drink,1.555,yes,1.5\ntea,,,,\n,,,,\n',
    '',
    [
      422,
      '5 cells are wrong. Correct them and send the whole table again.',
      "0 price Expected decimal(2) as the pipeline says, got '1.555'",
      "0 isFood Expected boolean as the pipeline says, got 'yes'",
      "0 stock Expected integer as the pipeline says, got '1.5'",
      "1 sku Expected each key once, got 'tea' again",
      '2 sku Expected a key of 1 to 1024 bytes, got 0',
    ],
  ],
  ['a key that is no number', 'shop', 'id,value\n01,a\n', '', [422, expect.any(String), "0 id Expected an integer as the pipeline says, got '01'"]],
])('given %s, then it is refused, with what to do', async (_, table, csv, parameters, expected) => {
  expect(await problemOf(table, csv, parameters)).toEqual(expected);
  expect(await states()).toEqual([]);
});
