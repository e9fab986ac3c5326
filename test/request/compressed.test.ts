import { gunzipSync } from 'node:zlib';
import { compressed } from '../../shared/request/compressed.ts';

const TEXT = JSON.stringify(Array.from({ length: 500 }, (_, i) => ({ window: i })));
const ask = (headers: Readonly<Record<string, string>>, text = TEXT, own: Readonly<Record<string, string>> = {}) =>
  compressed({ status: 200, headers: { 'content-type': 'application/json', ...own }, body: text }, { headers });

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

test('given a strong tag, then the text is not compressed, since the tag names its bytes; with a weak one it is', async () => {
  const asked = { 'accept-encoding': 'gzip' };
  expect((await ask(asked, TEXT, { etag: '"1"' })).body).toBe(TEXT);
  expect((await ask(asked, TEXT, { etag: 'W/"1"', vary: 'accept, accept-encoding' })).headers).toMatchObject({
    'content-encoding': 'gzip',
    vary: 'accept, accept-encoding',
  });
});
test('given bytes, then they stay as they are', async () => {
  const answer = { status: 200, headers: {}, body: Buffer.alloc(10_000) };
  expect(await compressed(answer, { headers: { 'accept-encoding': 'gzip' } })).toBe(answer);
});
