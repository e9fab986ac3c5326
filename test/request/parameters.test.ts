import { names, parseParameters } from '../../shared/request/parameters.ts';

test('names are separated by commas, encoded or not, since most clients encode them', () => {
  expect(names(parseParameters('by=a,b'), 'by')).toEqual(['a', 'b']);
  expect(names(parseParameters(String(new URLSearchParams({ by: 'a,b' }))), 'by')).toEqual(['a', 'b']);
  expect(names(parseParameters('every=1d'), 'by')).toBeUndefined();
});

test('an encoded comma belongs to a value', () => {
  expect(parseParameters('filter[city]=Washington%2C%20D.C.,Paris').get('filter[city]')).toEqual(['Washington, D.C.', 'Paris']);
});
