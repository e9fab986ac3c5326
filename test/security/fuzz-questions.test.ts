import wikipedia from '../../pipeline.ts';
import { canonicalTime, MAX_MS, MIN_MS, parseTime } from '../../shared/definition/times.ts';
import { parseSelection } from '../../shared/quarantine/selection.ts';
import { parsePlan } from '../../shared/query/parse-plan.ts';
import { parseParameters } from '../../shared/request/parameters.ts';
import { timeOf } from '../../shared/request/time-parameter.ts';
import { calendar } from '../../shared/request/zone-calendar.ts';
import { decodePlace, encodePlace } from '../../shared/search/cursor.ts';
import { parseQuestion } from '../../shared/search/question.ts';
import { schemaOf } from '../../shared/search/schema.ts';
import { expecting, feed, isProblem, NOW, RUNS } from './fuzz.ts';

const never = () => false;

describe('a question', () => {
  const queries = [
    'from=2015-09-12&to=2015-09-13&every=1h&by=channel,robot&filter[channel]=%23en.wikipedia,a%2Cb&measures=edits,size&order=-edits&limit=10&tz=Europe/Berlin',
    'from=-24h&to=now&every=all&filter[robot]=true&filter[namespace]=Main',
    'from=-1mo&to=today&every=1d&by=@hour,channel&top=3&other=true&order=-size.p50&compare=previous&over=7d&fill=zero&totals=true&having[edits][gte]=3',
    'filter[channel][not]=a&filter[channel][prefix][]=a,b&filter[namespace][is]=value&compare=2015-09-05..2015-09-06&week=sunday&offset=5&numbers=text',
    'from=2015-09-12T10:00:00%2B02:00&every=1mo&tz=America/New_York&definition=0123456789ab',
  ].map((query) => Buffer.from(query));
  const definition = (wikipedia.metrics.edits as (typeof wikipedia.metrics)[string]).definition;

  test('to a metric', async () => {
    const { taken } = await feed(
      queries,
      (bytes) => {
        const plan = parsePlan(parseParameters(bytes.toString()), definition, [], NOW);
        const { fromMs, toMs } = plan.range;
        const isSound = fromMs <= toMs && fromMs >= MIN_MS - 60_000 && toMs <= MAX_MS + 1 && (plan.limit ?? 1) >= 1;
        expecting(isSound && plan.figures.length > 0 && plan.reads.every((i) => i >= 0), 'a sound query', plan);
      },
      isProblem(400),
    );
    expect(taken).toBeGreaterThan(RUNS / 50);
  });

  test('to the quarantine', async () => {
    const corpus = ['from=-1d&to=now&reason=invalid,time&limit=10', 'limit=1000&reason=malformed'].map((query) => Buffer.from(query));
    await feed(corpus, (bytes) => expecting(parseSelection(parseParameters(bytes.toString()), NOW).limit <= 1_000, 'at most 1,000', bytes), isProblem(400));
  });

  const page = wikipedia.entities.page as (typeof wikipedia.entities)[string];
  test('to a search', async () => {
    const corpus = [
      'q=wikipedia+"administrators+noticeboard"+caf%C3%A9&filter[edits]=10..100&order=-edits&limit=5',
      'q=%E6%97%A5%E6%9C%AC&filter[lastEdit]=2015-09-12..&filter[channel]=a,b',
    ].map((query) => Buffer.from(query));
    const { taken } = await feed(
      corpus,
      (bytes) => {
        const { terms, limit } = parseQuestion(parseParameters(bytes.toString()), schemaOf(page), NOW);
        expecting(limit <= 1_000 && (terms ?? []).length <= 32, 'a bounded question', bytes.toString());
      },
      isProblem(400),
    );
    expect(taken).toBeGreaterThan(RUNS / 50);
  });

  test('that goes on from a cursor', async () => {
    const corpus = [encodePlace({ value: 1.5, key: 'a' }, 'id'), encodePlace({ value: null, key: 'ü' }, 'id')].map((cursor) => Buffer.from(cursor));
    await feed(
      corpus,
      (bytes, r) => {
        const { value, key } = decodePlace(bytes.toString(), 'id', r.pick(['relevance', 'key', 'field'] as const));
        expecting(typeof key === 'string' && (value === null || Number.isFinite(value)), 'a place', [value, key]);
      },
      isProblem(400),
    );
  });

  test('that names a time', async () => {
    const corpus = ['2015-09-12T00:46:58.771Z', '2015-09-12', '-24h', 'now', '2015-09-12T10:00', '1969-12-31T23:59:59,5+14:00', '0001-01-01T00:00:00Z'].map(
      (time) => Buffer.from(time),
    );
    await feed(
      corpus,
      (bytes) => {
        const written = bytes.toString();
        const ms = parseTime(written);
        expecting(ms === null || (ms >= MIN_MS && ms <= MAX_MS), 'a time within four digits of years', ms);
        const once = canonicalTime(written);
        expecting(once === null || canonicalTime(once.text)?.text === once.text, 'one form', once);
      },
      never,
    );
    await feed(
      corpus,
      (bytes, r) =>
        expecting(Number.isFinite(timeOf('from', bytes.toString(), calendar(r.pick(['UTC', 'Asia/Kathmandu']), 'monday'), NOW)), 'a time', bytes.toString()),
      isProblem(400),
    );
  });
});
