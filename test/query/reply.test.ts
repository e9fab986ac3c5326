import { reply } from '../../shared/query/reply.ts';

// Answers that their caller has already.

const TEXT = JSON.stringify(Array.from({ length: 500 }, (_, i) => ({ window: i })));
const ask = (headers: Readonly<Record<string, string>>, text = TEXT) => reply({ headers }, 'application/json', text);
const tagOf = async (text = TEXT): Promise<string> => (await ask({}, text)).headers.etag ?? '';

test('given the tag of this very answer, then 304 has no body; of another, then it comes whole', async () => {
  const tag = await tagOf();
  for (const known of [tag, `"other", ${tag}`, tag.replace('W/', ''), '*']) {
    const { status, headers, body } = await ask({ 'if-none-match': known });
    expect([status, headers.etag, body]).toEqual([304, tag, '']);
  }
  for (const known of ['"other"', await tagOf(`${TEXT} `)]) expect((await ask({ 'if-none-match': known })).status).toBe(200);
});
