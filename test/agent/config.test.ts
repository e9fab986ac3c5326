import { parseConfig, secretOf } from '../../agent/config.ts';

const config = (given: object) =>
  JSON.stringify({ folder: 'data', sources: [{ kind: 'file', path: 'a.log', type: 'hit' }], sink: { kind: 'file', path: 'out' }, ...given });
const wrong = (text: string): string => {
  try {
    parseConfig(text);
    return 'nothing';
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
};

test('given the least, then the rest is as documented', () => {
  expect(parseConfig(config({}))).toEqual({
    folder: 'data',
    maxDisk: 2 ** 30,
    sources: [{ kind: 'file', path: 'a.log', type: 'hit', follow: true, format: 'ndjson', map: {} }],
    sink: { kind: 'file', path: 'out' },
    batch: { events: 5_000, wait: 1_000 },
  });
});

test.each([
  ['{', 'Expected JSON: '],
  ['[]', 'expected object'],
  [config({ sources: [] }), 'sources: '],
  [config({ colour: 1 }), '"colour"'],
  [config({ maxDisk: '1 MB' }), "maxDisk: Expected a size from 32MB up, such as 500MB or 2GB, got '1 MB'"],
  [config({ sources: [{ kind: 'kafka' }] }), 'sources.0.kind: '],
  [config({ sources: [{ kind: 'file', path: 'a', type: 'hit', format: 'xml' }] }), 'sources.0.format: '],
  [config({ sources: [{ kind: 'poll', url: 'https://x.example', type: 'hit' }] }), 'sources.0.id: Expected the path of an id'],
  [config({ sources: [{ kind: 'sse', url: 'ftp://x', type: 'hit' }] }), 'sources.0.url: Expected a URL that begins with http'],
  [config({ sources: [{ kind: 'listen', port: 1, host: '0.0.0.0' }] }), 'sources.0.token: Expected a token, since other machines can reach this host'],
  [config({ sink: { kind: 'twinstream', url: 'http://x', token: 'written here' } }), 'sink.token: Expected { "env": NAME } or { "file": PATH }'],
])('given %s, then it says what is wrong, and where', (text, message) => {
  expect(wrong(text)).toContain(message);
});

test('given a secret that is not there, then it says where it was looked for, and shows none', () => {
  expect(secretOf({ env: 'A' }, { A: 's3cret' }, () => '')).toBe('s3cret');
  expect(secretOf({ file: '/run/token' }, {}, () => 's3cret\n')).toBe('s3cret');
  expect(() => secretOf({ env: 'A' }, {}, () => '')).toThrow('Expected a secret in the variable A, got nothing');
});
