import { z } from 'zod';
import { parsedBody } from '../../shared/request/parsed-body.ts';

const parse = (text: string) => parsedBody({ body: Buffer.from(text) } as never, z.strictObject({ n: z.int().optional() }), '{"n":1}');

test.each(['', ' ', '\r\n\t '])('given %j, then there is no body', (text) => {
  expect(parse(text)).toEqual({});
});

test.each(['\f', '\u00a0', '\ufeff', 'x', '{"n":1}{'])('given %j, which is not JSON, then it is refused', (text) => {
  expect(() => parse(text)).toThrow(/Expected a JSON object/);
});
