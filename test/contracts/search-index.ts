import { z } from 'zod';
import { count, definePipeline, entity, event, latest, top } from '../../shared/pipeline.ts';
import type { Presented, SearchDocument, SearchIndex } from '../../shared/ports/search-index.ts';
import { parseParameters } from '../../shared/query/query.ts';
import { encodePlace } from '../../shared/search/cursor.ts';
import { parseQuestion } from '../../shared/search/question.ts';
import { type SearchSchema, schemaOf } from '../../shared/search/schema.ts';
import { random, seeds } from '../support/random.ts';

/** In what engines differ, by name. */
export interface Engine {
  /** Whether a word with a letter wrong is found. */
  readonly findsTypos: boolean;
  /** Whether ß, æ and œ are found as ss, ae and oe. */
  readonly spellsOut: boolean;
}
export interface Made {
  readonly index: SearchIndex;
  /** Until what was written is found. */
  readonly settle: () => Promise<void>;
}

const edit = event(z.object({ at: z.iso.datetime(), page: z.string(), user: z.string(), size: z.number().nullable(), isRobot: z.boolean() }), { time: 'at' });
const { entities } = definePipeline({
  events: { edit },
  metrics: {},
  entities: {
    page: entity(edit, {
      key: edit.page,
      fields: {
        title: latest(edit.page),
        editor: latest(edit.user),
        lastEdit: latest(edit.at),
        edits: count(),
        size: latest(edit.size),
        robot: latest(edit.isRobot),
        editors: top(edit.user),
      },
      search: ['title', 'editor'],
    }),
  },
});
const named = entities.page as (typeof entities)[string];
const NOW = Date.parse('2026-11-21T10:00:00.000Z');

/** What every SearchIndex promises. `make` gives an index without anything in it. */
export const describeSearchIndex = (make: () => Promise<Made>, engine: Engine): void => {
  const setUp = async (schema: SearchSchema = schemaOf(named)) => {
    const { index, settle } = await make();
    const write = async (...documents: readonly SearchDocument[]) => {
      const written = await index.write(schema, documents);
      await settle();
      return written;
    };
    const ask = async (query: string) => {
      const { id, ...question } = parseQuestion(parseParameters(query), schema, NOW);
      const { total, hits, next } = await index.search(schema, question);
      return { total, hits, cursor: next === null ? null : encodePlace(next, id) };
    };
    const keys = async (query: string) => (await ask(query)).hits.map(({ key }) => key);
    return { index, settle, schema, write, ask, keys };
  };
  const page = (key: string, fields: Presented = {}, version = 1): SearchDocument => ({ key, version, fields: { title: key, ...fields } });
  const q = (text: string) => `q=${encodeURIComponent(text)}`;

  describe('finds', () => {
    const TITLES = [
      "Wikipedia:Administrators' noticeboard/Incidents",
      'Wikipedia:Administrators’ mall',
      'Noticeboard of old incidents',
      'Élan vital',
      'E\u0301lan decomposed',
      'Ёлка и подарки',
      'Йод',
      'Ἀριστοτέλης νόμος',
      'Łódź',
      '東京都庁舎',
      '京都タワー',
      'ユーザー会議',
      '서울특별시 시청',
      'ภาษาไทย',
      'हिन्दी भाषा',
      "O'Neill can't",
      'AC/DC 1974',
      'Straße',
      'C++ * "quoted" AND (x:y)',
      'Ｆｕｌｌ width',
      'null\u0000byte',
    ];
    let world: Awaited<ReturnType<typeof setUp>>;
    beforeAll(async () => {
      world = await setUp();
      await world.write(...TITLES.map((title) => page(title)), page('by somebody', { editor: 'Jimbo Wales' }));
    });
    const found = async (text: string) => (await world.keys(q(text))).sort();
    const titles = (...places: readonly number[]) => places.map((place) => TITLES[place] as string).sort();

    test.each<[string, number[]]>([
      ['wikipedia administrators', [0, 1]],
      ['ADMINISTRATORS wikipedia', [0, 1]],
      ["administrators'", [0, 1]],
      ['incidents', [0, 2]],
      ['Wikipedia:Administrators noticeboard/Incidents', [0]],
      ['elan', [3, 4]],
      ['ÉLAN', [3, 4]],
      ['e\u0301lan', [3, 4]],
      ['ёлка', [5]],
      ['ЕЛКА', [5]],
      ['подарки', [5]],
      ['иод', [6]],
      ['йод', [6]],
      ['αριστοτελης', [7]],
      ['ΝΌΜΟΣ', [7]],
      ['lodz', [8]],
      ['東京', [9]],
      ['京都', [9, 10]],
      ['都庁', [9]],
      ['都', [9, 10]],
      ['都京', []],
      ['タワ', [10]],
      ['ザー', [11]],
      ['会議', [11]],
      ['특별', [12]],
      ['시청 서울', [12]],
      ['ไทย', [13]],
      ['हिन्दी', [14]],
      ["o'neill", [15]],
      ['neill', [15]],
      ['can t', [15]],
      ['ac dc', [16]],
      ['1974', [16]],
      ['quoted', [18]],
      ['full', [19]],
      ['ＷＩＤＴＨ', [19]],
      ['byte', [20]],
    ])('%s', async (text, places) => {
      expect(await found(text)).toEqual(titles(...places));
    });

    test('a word by its beginning, if it comes last', async () => {
      expect(await found('wikipedia adm')).toEqual(titles(0, 1));
      expect(await found('ad')).toEqual(titles(0, 1));
      expect(await found('élan dec')).toEqual(titles(4));
    });

    test('a phrase by its words in their order', async () => {
      expect(await found('"administrators noticeboard"')).toEqual(titles(0));
      expect(await found('"noticeboard administrators"')).toEqual([]);
      expect(await found('wikipedia "noticeboard incidents"')).toEqual(titles(0));
      expect(await found('"noticeboard inc"')).toEqual([]);
      expect(await found('"東京都" 庁舎')).toEqual(titles(9));
    });

    test('words in any of the searched fields, each wherever it stands', async () => {
      expect(await found('wales')).toEqual(['by somebody']);
      expect(await found('somebody jimbo')).toEqual(['by somebody']);
      expect(await found('somebody nobodys')).toEqual([]);
    });

    test(`a word with a letter wrong: ${engine.findsTypos ? 'yes' : 'no'}`, async () => {
      expect(await found('wikipedia noticebaord')).toEqual(engine.findsTypos ? titles(0) : []);
      expect(await found('wikipadia mall')).toEqual(engine.findsTypos ? titles(1) : []);
    });

    test(`letters that are spelled out: ${engine.spellsOut ? 'yes' : 'no'}`, async () => {
      expect(await found('straße')).toEqual(titles(17));
      expect(await found('strasse')).toEqual(engine.spellsOut ? titles(17) : []);
    });

    test.each([
      '"',
      '""',
      '*',
      ':',
      'AND (',
      '(',
      ')',
      '\u0000',
      '-',
      '\\',
      '+',
      'NOT',
      'OR AND',
      'x:',
      '{"a"}',
      '^2',
      '~',
      '/.*/',
      '%',
      "'; DROP TABLE",
      '?',
      '…',
      '😀',
    ])('nothing wrong with %j, which is text and no syntax', async (text) => {
      const { total, hits, cursor } = await world.ask(q(text));
      expect([hits.length, cursor]).toEqual([total, null]);
      if (!/[\p{L}\p{N}]/u.test(text)) expect(total).toBe(0);
    });

    test('everything where nothing is asked for', async () => {
      expect((await world.ask('')).total).toBe(TITLES.length + 1);
      expect((await world.ask('q=')).total).toBe(TITLES.length + 1);
      expect((await world.ask('q=%20')).total).toBe(TITLES.length + 1);
    });

    test('hundreds of words at once, and words without end', async () => {
      expect((await world.ask(q(`"${'東'.repeat(900)}"`))).total).toBe(0);
      expect((await world.ask(q('x'.repeat(1_000)))).total).toBe(0);
      expect((await world.ask(q(Array.from({ length: 32 }, (_, i) => `a${i}`).join(' ')))).total).toBe(0);
    });
  });

  describe('answers', () => {
    test('what was written, whole, with a score where relevance orders it', async () => {
      const { write, ask } = await setUp();
      const fields = {
        title: 'A <b> & "c"',
        editor: 'é',
        lastEdit: '2015-09-12T10:00:00.000Z',
        edits: 3,
        size: 1e300,
        robot: false,
        editors: [{ value: 'é', count: 3 }],
      };
      await write({ key: 'a', version: 7, fields });
      expect(await ask('')).toEqual({ total: 1, hits: [{ key: 'a', score: null, entity: fields, highlights: {} }], cursor: null });
      const { hits } = await ask('q=a');
      expect(hits).toEqual([{ key: 'a', score: expect.any(Number), entity: fields, highlights: { title: '<mark>A</mark> &lt;b&gt; &amp; &quot;c&quot;' } }]);
    });

    test.each([
      ['two words', 'Wiki <i>pedia', '<mark>Wiki</mark> &lt;<mark>i</mark>&gt;pedia', 'wiki i'],
      ['a beginning', 'Administrators', '<mark>Administrators</mark>', 'adm'],
      ['diacritics', 'Élan vital', '<mark>Élan</mark> vital', 'elan'],
      ['Cyrillic', 'Ёлка', '<mark>Ёлка</mark>', 'елка'],
    ])('%s marked in their text, which is safe as HTML', async (_, title, marked, text) => {
      const { write, ask } = await setUp();
      await write(page('a', { title }));
      expect((await ask(q(text))).hits.map(({ highlights }) => highlights)).toEqual([{ title: marked }]);
    });

    test('a part of a run of characters marked, and nothing but it', async () => {
      const { write, ask } = await setUp();
      await write(page('a', { title: 'これは東京都庁です' }));
      const [hit] = (await ask(q('東京都'))).hits;
      expect(hit?.highlights.title?.replaceAll('</mark><mark>', '')).toBe('これは<mark>東京都</mark>庁です');
    });

    test('the more relevant first: a word that is rarer, and a text that says less else', async () => {
      const { write, keys } = await setUp();
      await write(page('a', { title: 'alpha' }), page('b', { title: 'alpha with a good many other words around it' }), page('c', { title: 'beta' }));
      expect(await keys('q=alpha')).toEqual(['a', 'b']);
    });

    test('a whole word before words that it begins', async () => {
      const { write, keys } = await setUp();
      await write(page('a', { title: 'wikipedia today' }), page('b', { title: 'wiki today' }), page('c', { title: 'wikis' }), page('d', { title: 'today' }));
      const [first, ...others] = await keys('q=wiki');
      expect([first, others.sort()]).toEqual(['b', ['a', 'c']]);
    });

    test('only what its filters let through', async () => {
      const { write, keys } = await setUp();
      const at = (day: number) => `2015-09-${day}T10:00:00.000Z`;
      await write(
        page('a', { edits: 5, size: 1.5, robot: true, lastEdit: at(12), editor: 'A, B' }),
        page('b', { edits: 10, size: -2, robot: false, lastEdit: at(13), editor: 'a, b' }),
        page('c', { edits: 100, size: null, robot: false, lastEdit: at(14) }),
        page('d', { edits: 2 ** 53, size: 1e300, editor: 'Zoë' }),
        page('', { edits: 0, editor: '' }),
      );
      const cases: readonly [string, readonly string[]][] = [
        ['filter[edits]=10', ['b']],
        ['filter[edits]=10,5', ['a', 'b']],
        ['filter[edits]=10..100', ['b']],
        ['filter[edits]=10..', ['b', 'c', 'd']],
        ['filter[edits]=..10', ['', 'a']],
        ['filter[edits]=..5,100..', ['', 'c', 'd']],
        ['filter[edits]=9007199254740992', ['d']],
        ['filter[edits]=9007199254740991', []],
        ['filter[size]=-2,1.5', ['a', 'b']],
        ['filter[size]=1e300', ['d']],
        ['filter[size]=-10..2', ['a', 'b']],
        ['filter[robot]=true', ['a']],
        ['filter[robot]=true,false', ['a', 'b', 'c']],
        ['filter[lastEdit]=2015-09-13T10:00:00Z', ['b']],
        ['filter[lastEdit]=2015-09-13..2015-09-14', ['b']],
        ['filter[lastEdit]=2015-09-13T10:00:00.000Z..', ['b', 'c']],
        ['filter[lastEdit]=..2015-09-13T10:00:00.001Z', ['a', 'b']],
        ['filter[lastEdit]=-24h..', []],
        ['filter[editor]=A%2C B', ['a']],
        ['filter[editor]=A', []],
        ['filter[editor]=', ['']],
        ['filter[title]=a,b', ['a', 'b']],
        ['filter[editor]=Zoe%CC%88', ['d']],
        ['filter[robot]=false&filter[edits]=..50', ['b']],
        ['q=a&filter[editor]=a%2C b', ['b']],
      ];
      for (const [query, expected] of cases) expect([query, (await keys(query)).sort()]).toEqual([query, expected]);
    });

    test('nothing lost of a text that is too long to filter by', async () => {
      const { write, keys, ask } = await setUp();
      const long = `${'語 wort '.repeat(20_000)}end`;
      expect(await write(page('a', { editor: long }))).toEqual([{ state: 'done' }]);
      expect(await keys('q=end')).toEqual(['a']);
      expect((await ask('')).hits[0]?.entity.editor).toBe(long);
    });

    test('numbers, dates and texts of another kind than their field’s: shown, but neither filtered nor ordered by', async () => {
      const { write, ask, keys } = await setUp();
      const fields = { title: 'a', edits: 'many', size: '1e+200', lastEdit: 'yesterday', robot: 'yes', editor: null };
      expect(await write({ key: 'a', version: 1, fields })).toEqual([{ state: 'done' }]);
      expect((await ask('')).hits[0]?.entity).toEqual(fields);
      // DynamoDB's numbers end before a double's do; then they come as text.
      expect(await keys('filter[size]=1e200')).toEqual(['a']);
      expect(await keys('filter[edits]=..1e9')).toEqual([]);
      expect(await keys('order=-lastEdit')).toEqual(['a']);
    });

    test('by any number or date, nulls last, keys by their bytes between equals', async () => {
      const { write, keys } = await setUp();
      const times = ['2015-09-12T10:00:00.000Z', '0001-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z', null];
      const every = ['é', 'a', 'B', 'b', '😀', 'ﬁ', '~', 'A'].map((key, i) =>
        page(key, { size: [2, null, -1e300, 2][i % 4] ?? null, lastEdit: times[i % 4] ?? null }),
      );
      await write(...every);
      const sorted = (field: string, sign: 1 | -1) =>
        [...every]
          .sort((a, b) => {
            const [x, y] = [a, b].map(({ fields }) =>
              field === 'lastEdit' ? (fields?.lastEdit ? Date.parse(String(fields.lastEdit)) : null) : (fields?.[field] as number | null),
            );
            if (x !== y) return x === null || x === undefined ? 1 : y === null || y === undefined ? -1 : (x - y) * sign;
            return Buffer.compare(Buffer.from(a.key), Buffer.from(b.key));
          })
          .map(({ key }) => key);
      expect(await keys('order=size')).toEqual(sorted('size', 1));
      expect(await keys('order=-size')).toEqual(sorted('size', -1));
      expect(await keys('order=lastEdit')).toEqual(sorted('lastEdit', 1));
      expect(await keys('order=-lastEdit')).toEqual(sorted('lastEdit', -1));
      expect(await keys('')).toEqual(every.map(({ key }) => key).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    });

    test.each(['', 'order=size', 'order=-size', 'order=lastEdit', 'order=-lastEdit', 'q=page', 'q=page&order=-edits'])(
      'page after page of "%s" each hit once, in the order of the whole, with the total',
      async (query) => {
        const { write, ask } = await setUp();
        const r = random(seeds(1)[0] as number);
        await write(
          ...Array.from({ length: 57 }, (_, i) =>
            page(`k${r.integer(0, 9)}-${i}`, {
              title: r.chance(0.8) ? `page ${'word '.repeat(r.integer(0, 2))}` : 'page',
              edits: r.integer(1, 3),
              size: r.chance(0.3) ? null : r.pick([0.1, 0.5, -1e300, 1e300]),
              lastEdit: r.chance(0.3) ? null : `2015-09-1${r.integer(0, 3)}T10:00:00.000Z`,
            }),
          ),
        );
        const whole = (await ask(`${query}&limit=1000`)).hits;
        expect(whole).toHaveLength(57);
        const paged = [];
        let cursor: string | null = '';
        while (cursor !== null) {
          const answer: Awaited<ReturnType<typeof ask>> = await ask(`${query}&limit=5${cursor === '' ? '' : `&cursor=${cursor}`}`);
          expect(answer.total).toBe(57);
          paged.push(...answer.hits);
          cursor = answer.cursor;
          expect(paged.length).toBeLessThanOrEqual(57);
        }
        expect(paged).toEqual(whole);
      },
    );

    test('nothing after the last hit, and no cursor on a page that is just full', async () => {
      const { write, ask } = await setUp();
      await write(page('a'), page('b'));
      expect((await ask('limit=2')).cursor).toBeNull();
      const { cursor } = await ask('limit=1');
      expect((await ask(`limit=1&cursor=${cursor}`)).cursor).toBeNull();
    });
  });

  describe('keeps', () => {
    /** None is near another. */
    const WORDS = ['', 'apple', 'brick', 'cloud', 'dwarf', 'eight', 'flint', 'gnome', 'honey'];

    test('the newest version, in whatever order they come, and however often', async () => {
      for (const seed of seeds(5)) {
        const r = random(seed);
        const { write, ask } = await setUp();
        const versions = Array.from({ length: 8 }, (_, i) => i + 1);
        const newest: Record<string, SearchDocument> = {};
        for (let i = 0; i < 12; i++) {
          const some = Array.from({ length: r.integer(1, 6) }, (): SearchDocument => {
            const version = r.pick(versions);
            const key = r.pick(['a', 'b', 'c']);
            return version % 3 === 0 ? { key, version, fields: null } : page(key, { title: WORDS[version] as string, edits: version }, version);
          });
          const written = await write(...some);
          expect(written).toEqual(some.map(() => ({ state: 'done' })));
          for (const one of some) if ((newest[one.key]?.version ?? 0) < one.version) newest[one.key] = one;
          const alive = Object.values(newest).filter(({ fields }) => fields !== null);
          const { total, hits } = await ask('');
          expect([seed, total, Object.fromEntries(hits.map(({ key, entity: fields }) => [key, fields]))]).toEqual([
            seed,
            alive.length,
            Object.fromEntries(alive.map(({ key, fields }) => [key, fields])),
          ]);
          for (const version of versions)
            expect([
              seed,
              version,
              (await ask(`q=${WORDS[version]}`)).hits.map(({ entity: fields }) => fields.edits).filter((edits) => edits !== version),
            ]).toEqual([seed, version, []]);
        }
      }
    });

    test('a deletion, against older versions that come late; a newer one brings it back', async () => {
      const { write, keys } = await setUp();
      await write(page('a', {}, 3));
      await write({ key: 'a', version: 5, fields: null });
      expect(await keys('')).toEqual([]);
      await write(page('a', {}, 4));
      expect([await keys(''), await keys('q=a')]).toEqual([[], []]);
      await write(page('a', {}, 6));
      expect([await keys(''), await keys('q=a')]).toEqual([['a'], ['a']]);
    });

    test('a deletion of what it never knew', async () => {
      const { write, keys } = await setUp();
      expect(await write({ key: 'a', version: 5, fields: null })).toEqual([{ state: 'done' }]);
      await write(page('a', {}, 4));
      expect(await keys('')).toEqual([]);
    });

    test('keys of every sort apart', async () => {
      const { write, keys } = await setUp();
      const every = ['a', 'A', 'á', 'a\u0301', 'a/b', 'a b', '../..', '_all', '"', '\u0000', '#', 'x'.repeat(1_900), `${'x'.repeat(1_899)}y`, '語'.repeat(600)];
      await write(...every.map((key) => page(key, { title: 't' })));
      expect((await keys('limit=100')).sort()).toEqual([...every].sort());
    });
  });

  describe('builds anew', () => {
    const plain = schemaOf(named);
    /** The same entity after its definition changed: another field to search, and an order by what was not there. */
    const changed: SearchSchema = {
      ...plain,
      fields: [
        ...plain.fields.filter(({ name }) => name !== 'editors'),
        { name: 'talk', kind: 'text', searched: true },
        { name: 'likes', kind: 'number', searched: false },
      ],
    };
    const askOf = async ({ index }: Made, schema: SearchSchema, query: string) => {
      const { id: _, ...question } = parseQuestion(parseParameters(query), schema, NOW);
      return (await index.search(schema, question)).hits.map(({ key }) => key);
    };

    test('an index that answers all the while, and takes every change', async () => {
      const made = await make();
      const { index, settle } = made;
      expect(await index.isCurrent(plain)).toBe(false);
      await index.write(plain, [page('a'), page('b'), page('gone')]);
      expect(await index.isCurrent(plain)).toBe(false); // it knows only what changed since it was there
      const fresh = await index.begin(plain);
      await settle();
      expect(await askOf(made, plain, '')).toEqual(['a', 'b', 'gone']);
      await index.write(plain, [page('b', { title: 'news' }, 2), page('c')]); // changes while it is built
      await index.write(plain, [page('a'), page('b')]); // what the store's scan gave
      await settle();
      expect(await askOf(made, plain, 'q=news')).toEqual(['b']);
      expect(await index.finish(plain, fresh)).toBe(true);
      await settle();
      expect(await askOf(made, plain, '')).toEqual(['a', 'b', 'c']);
      expect(await askOf(made, plain, 'q=news')).toEqual(['b']);
      expect(await index.isCurrent(plain)).toBe(true);
      await index.write(plain, [page('d')]);
      await settle();
      expect(await askOf(made, plain, '')).toEqual(['a', 'b', 'c', 'd']);
    });

    test('for another schema: questions of the new one find what the old index can tell, until the new index answers', async () => {
      const made = await make();
      const { index, settle } = made;
      await index.finish(plain, await index.begin(plain));
      await index.write(plain, [page('a', { talk: 'hello', likes: 2 }), page('b', { talk: 'world', likes: 1 })]);
      await settle();
      expect([await index.isCurrent(plain), await index.isCurrent(changed)]).toEqual([true, false]);
      expect(await askOf(made, changed, 'q=a')).toEqual(['a']);
      expect(await askOf(made, changed, 'q=hello')).toEqual([]);
      expect(await askOf(made, changed, 'filter[talk]=hello')).toEqual([]);
      expect(await askOf(made, changed, 'order=likes')).toEqual(['a', 'b']);
      const fresh = await index.begin(changed);
      expect(await index.write(changed, [page('a', { talk: 'hello', likes: 2 }), page('b', { talk: 'world', likes: 1 })])).toEqual([
        { state: 'done' },
        { state: 'done' },
      ]);
      expect(await index.finish(changed, fresh)).toBe(true);
      await settle();
      expect(await askOf(made, changed, 'q=hello')).toEqual(['a']);
      expect(await askOf(made, changed, 'order=likes')).toEqual(['b', 'a']);
      expect(await index.isCurrent(changed)).toBe(true);
    });

    test('for another identity, whose versions count anew: the old index takes none of its documents', async () => {
      const made = await make();
      const { index, settle } = made;
      const other: SearchSchema = { ...plain, identity: '0123456789ab' };
      await index.finish(plain, await index.begin(plain));
      await index.write(plain, [page('a', { title: 'old' }, 9)]);
      const fresh = await index.begin(other);
      await index.write(other, [page('a', { title: 'new' }, 1)]);
      await settle();
      expect(await askOf(made, other, 'q=old')).toEqual(['a']);
      await index.finish(other, fresh);
      await settle();
      expect([await askOf(made, other, 'q=old'), await askOf(made, other, 'q=new')]).toEqual([[], ['a']]);
    });

    test('one at a time: what was begun first cannot finish any more', async () => {
      const { index } = await make();
      const first = await index.begin(plain);
      const second = await index.begin(plain);
      expect(await index.finish(plain, first)).toBe(false);
      expect(await index.finish(plain, second)).toBe(true);
      expect(await index.finish(plain, second)).toBe(false);
    });

    test('while writes go on beside it, none of them lost', async () => {
      const made = await make();
      const { index, settle } = made;
      await index.write(plain, [page('k0', { edits: 0 })]);
      /** What the store holds: a write reaches it before it reaches the index. */
      const store = new Map<string, SearchDocument>([['k0', page('k0', { edits: 0 })]]);
      let building = true;
      const writer = (async () => {
        for (let version = 2; building || version < 20; version++) {
          const document = page(`k${version % 7}`, { edits: version }, version);
          store.set(document.key, document);
          expect(await index.write(plain, [document])).toEqual([{ state: 'done' }]);
          await new Promise((next) => setImmediate(next));
        }
      })();
      for (let round = 0; round < 3; round++) {
        const fresh = await index.begin(plain);
        for (const document of [...store.values()]) await index.write(plain, [document]);
        expect(await index.finish(plain, fresh)).toBe(true);
      }
      building = false;
      await writer;
      await settle();
      const { hits } = await index.search(plain, parseQuestion(parseParameters('limit=100'), plain, NOW));
      expect(hits.map(({ entity: fields }) => fields.edits).sort()).toEqual([...store.values()].map(({ fields }) => fields?.edits).sort());
    });
  });

  test('an entity without searched fields can be filtered and ordered', async () => {
    const schema: SearchSchema = { name: 'bare', identity: '0123456789ab', fields: [{ name: 'n', kind: 'number', searched: false }] };
    const { write, keys } = await setUp(schema);
    await write({ key: 'a', version: 1, fields: { n: 1 } }, { key: 'b', version: 1, fields: { n: 2 } });
    expect(await keys('order=-n')).toEqual(['b', 'a']);
    expect(await keys('filter[n]=1')).toEqual(['a']);
  });

  test('entities whose names differ by case alone are apart', async () => {
    const made = await make();
    const schemas = ['Page', 'page'].map((name): SearchSchema => ({ ...schemaOf(named), name }));
    for (const schema of schemas) await made.index.write(schema, [page(schema.name)]);
    await made.settle();
    for (const schema of schemas)
      expect((await made.index.search(schema, parseQuestion(parseParameters(''), schema, NOW))).hits.map(({ key }) => key)).toEqual([schema.name]);
  });

  test('a search of what was never written finds nothing', async () => {
    const { ask } = await setUp();
    expect(await ask('q=a')).toEqual({ total: 0, hits: [], cursor: null });
  });
};
