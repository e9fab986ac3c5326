import { accessLogEvent } from '../../agent/formats/access-log.ts';
import { renamed, textAt } from '../../agent/formats/json-members.ts';
import { syslogEvent } from '../../agent/formats/syslog-message.ts';
import { wikipediaEdit } from '../../agent/formats/wikimedia.ts';
import { shaper } from './taken.ts';

const NOW = Date.parse('2026-01-02T10:00:00Z');
const line = (shape: Parameters<typeof shaper>[0], text: string) => shaper(shape).lineOf(Buffer.from(text))?.toString() ?? null;

describe('access logs', () => {
  const COMMON = '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326';
  const common = {
    time: '2000-10-10T13:55:36-07:00',
    host: '127.0.0.1',
    user: 'frank',
    method: 'GET',
    path: '/apache_pb.gif',
    protocol: 'HTTP/1.0',
    status: 200,
    bytes: 2326,
  };
  test('given a line of the common form, and of the combined one, as Apache documents them', () => {
    expect(accessLogEvent(COMMON)).toEqual(common);
    expect(accessLogEvent(`${COMMON} "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"`)).toEqual({
      ...common,
      referrer: 'http://www.example.com/start.html',
      agent: 'Mozilla/4.08 [en] (Win98; I ;Nav)',
    });
  });
  test('given missing fields, then they are left out; given escapes, then they are read', () => {
    expect(accessLogEvent('::1 - - [21/Nov/2026:09:00:00 +0100] "GET /a\\"b\\xc3\\xa9\\\\ HTTP/1.1" 304 - "-" ""')).toEqual({
      time: '2026-11-21T09:00:00+01:00',
      host: '::1',
      method: 'GET',
      path: '/a"bé\\',
      protocol: 'HTTP/1.1',
      status: 304,
    });
  });
  test('given a request that is none, then it is kept as it is; given another line, then it is sent as it is', () => {
    expect(accessLogEvent('1.2.3.4 - - [21/Nov/2026:09:00:00 +0000] "\\x16\\x03\\x01" 400 0')).toMatchObject({ request: '\u0016\u0003\u0001', status: 400 });
    expect(accessLogEvent('1.2.3.4 - - [yesterday] "GET / HTTP/1.1" 200 1')).toBeNull();
    expect(line({ format: 'combined' }, 'not a log\n')).toBe('not a log\n');
  });
});

describe('syslog', () => {
  test('given RFC 5424, as its examples', () => {
    const text =
      '<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="App \\"x\\]"][b@1 c="d"] \ufeffAn application event';
    expect(syslogEvent(text, NOW)).toEqual({
      time: '2003-10-11T22:14:15.003Z',
      host: 'mymachine.example.com',
      app: 'evntslog',
      messageId: 'ID47',
      facility: 20,
      severity: 'notice',
      data: { 'exampleSDID@32473': { iut: '3', eventSource: 'App "x]' }, 'b@1': { c: 'd' } },
      message: 'An application event',
    });
    expect(syslogEvent("<34>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.", NOW)).toEqual({
      time: '2003-08-24T05:14:15.000003-07:00',
      host: '192.0.2.1',
      app: 'myproc',
      pid: '8710',
      facility: 4,
      severity: 'critical',
      message: "%% It's time to make the do-nuts.",
    });
  });
  test('given RFC 3164, then its year is the nearest', () => {
    expect(syslogEvent("<34>Oct 11 22:14:15 mymachine su: 'su root' failed", NOW)).toMatchObject({
      time: '2025-10-11T22:14:15.000Z',
      app: 'su',
      severity: 'critical',
    });
    expect(syslogEvent('<13>Jan  3 00:00:01 h sshd[42]: hello', NOW)).toEqual({
      time: '2026-01-03T00:00:01.000Z',
      host: 'h',
      app: 'sshd',
      pid: '42',
      facility: 1,
      severity: 'notice',
      message: 'hello',
    });
    expect(syslogEvent('<13>2026-01-02T09:00:00+01:00 h cron[7]: x', NOW)).toMatchObject({ time: '2026-01-02T09:00:00+01:00', host: 'h', app: 'cron' });
  });
  test('given anything else, then it is a message of now', () => {
    expect(syslogEvent('hello world', NOW)).toEqual({ time: '2026-01-02T10:00:00.000Z', message: 'hello world' });
    expect(syslogEvent('<999>x', NOW)).toEqual({ time: '2026-01-02T10:00:00.000Z', message: 'x' });
    for (const broken of ['<1>1 - - - - - [', '<1>1 - - - - - [a b="c', '<1>1 - - - - - [__proto__ a="b"]'])
      expect(typeof syslogEvent(broken, NOW)).toBe('object');
  });
});

test('given a change of Wikipedia, then it is an edit of the bundled pipeline; given another, then nothing', () => {
  const change = {
    meta: { dt: '2026-11-21T09:00:00.123Z', id: 'a', domain: 'en.wikipedia.org' },
    type: 'edit',
    namespace: 1,
    title: 'Talk:Lambda',
    user: '192.0.2.7',
    bot: false,
    minor: true,
    patrolled: false,
    length: { old: 100, new: 90 },
    server_name: 'en.wikipedia.org',
  };
  expect(JSON.parse(wikipediaEdit(JSON.stringify(change)) ?? '')).toEqual({
    time: '2026-11-21T09:00:00.123Z',
    channel: '#en.wikipedia',
    namespace: 'Talk',
    page: 'Talk:Lambda',
    user: '192.0.2.7',
    added: 0,
    deleted: 10,
    delta: -10,
    isAnonymous: true,
    isMinor: true,
    isNew: false,
    isRobot: false,
    isUnpatrolled: true,
  });
  expect(JSON.parse(wikipediaEdit(JSON.stringify({ ...change, type: 'new', length: { new: 7 }, namespace: 828 })) ?? '')).toMatchObject({
    added: 7,
    isNew: true,
    namespace: '828',
  });
  for (const other of [{ type: 'log' }, { type: 'categorize' }, { server_name: 'www.wikidata.org' }])
    expect(wikipediaEdit(JSON.stringify({ ...change, ...other }))).toBeNull();
  expect(wikipediaEdit('broken')).toBe('broken');
});

describe('fields', () => {
  test('given names for fields, then values keep their own text', () => {
    const text = '{"title":"a:\\"b","meta":{"dt":"x","id":12345678901234567890},"n":1.0,"list":[{"a":1},2]}';
    expect(renamed(text, { page: 'title', time: 'meta.dt', big: 'meta.id', none: 'gone.at', n: 'list' })).toBe(
      '{"meta":{"dt":"x","id":12345678901234567890},"page":"a:\\"b","time":"x","big":12345678901234567890,"n":[{"a":1},2]}',
    );
    expect(textAt('{"a.b":1,"a":{"b":2}}', 'a.b')).toBe('1');
    expect(renamed('[1]', { a: 'b' })).toBe('[1]');
    expect(renamed('{broken', { a: 'b' })).toBe('{broken');
    expect(renamed('{}', { a: 'b' })).toBe('{}');
  });
  test('given a path of ids, then events are CloudEvents with those; without one, they are as they came', () => {
    expect(line({ id: 'meta.id', map: { time: 'meta.dt' } }, '{"meta":{"id":"x","dt":"t"},"a":1}')).toBe(
      '{"specversion":"1.0","id":"x","source":"/events/edit","type":"edit","data":{"meta":{"id":"x","dt":"t"},"a":1,"time":"t"}}\n',
    );
    expect(line({ id: 'n' }, '{"n":7}')).toBe('{"specversion":"1.0","id":"7","source":"/events/edit","type":"edit","data":{"n":7}}\n');
    expect(line({ id: 'n' }, '{"m":7}')).toBe('{"m":7}\n');
    expect(shaper({ id: 'n' }).type).toBeNull();
  });
  test('given names for the columns of CSV, then its header has them', () => {
    expect(shaper({ format: 'csv', map: { page: 'title' } }).headerOf(Buffer.from('\ufeffid,title,x\r\n'))).toBe('id,page,x');
  });
});
