import { gunzipSync } from 'node:zlib';
import { reply } from '../../shared/query/reply.ts';

// Compression, and answers that their caller has already.

const TEXT = JSON.stringify(Array.from({ length: 500 }, (_, i) => ({ window: i })));
const ask = (headers: Readonly<Record<string, string>>, text = TEXT) => reply({ headers }, 'application/json', text);
const tagOf = async (text = TEXT): Promise<string> => (await ask({}, text)).headers.etag ?? '';

test.each(['gzip', 'gzip, deflate, br', 'br;q=1.0, gzip;q=0.5', '*', 'deflate, GZIP', 'x-gzip'])(
  'given Accept-Encoding: %s, then the answer is compressed',
  async (accepted) => {
    const { status, headers, body } = await ask({ 'accept-encoding': accepted });
    expect([status, headers['content-encoding'], gunzipSync(body).toString()]).toEqual([200, 'gzip', TEXT]);
    expect(headers.vary).toContain('accept-encoding');
  },
);
test.each(['', 'identity', 'br', 'gzip;q=0', 'gzip; q=0.0, *', '*;q=0', 'xgzip'])('given Accept-Encoding: %s, then it is not', async (accepted) => {
  const { headers, body } = await ask({ 'accept-encoding': accepted });
  expect([headers['content-encoding'], body]).toEqual([undefined, TEXT]);
});
test('given a short answer, then it is not compressed', async () => {
  expect((await ask({ 'accept-encoding': 'gzip' }, '{}')).body).toBe('{}');
});

test('given the tag of this very answer, then 304 has no body; of another, then it comes whole', async () => {
  const tag = await tagOf();
  for (const known of [tag, `"other", ${tag}`, tag.replace('W/', ''), '*']) {
    const { status, headers, body } = await ask({ 'if-none-match': known });
    expect([status, headers.etag, body]).toEqual([304, tag, '']);
  }
  for (const known of ['"other"', await tagOf(`${TEXT} `)]) expect((await ask({ 'if-none-match': known })).status).toBe(200);
});
