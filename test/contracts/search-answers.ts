import type { SearchSchema } from '../../shared/ports/search-question.ts';
import { random, seeds } from '../../testing/random.ts';
import { type Made, page, q, searching } from '../support/searching.ts';

/** What stands in an answer: hits, their order, highlights, pages. */
export const describeAnswers = (make: () => Promise<Made>): void => {
  describe('answers', () => {
    test('what was written, whole, with a score where relevance orders it', async () => {
      const { write, ask } = await searching(make);
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
      const { write, ask } = await searching(make);
      await write(page('a', { title }));
      expect((await ask(q(text))).hits.map(({ highlights }) => highlights)).toEqual([{ title: marked }]);
    });

    test('a part of a run of characters marked, and nothing but it', async () => {
      const { write, ask } = await searching(make);
      await write(page('a', { title: 'これは東京都庁です' }));
      const [hit] = (await ask(q('東京都'))).hits;
      expect(hit?.highlights.title?.replaceAll('</mark><mark>', '')).toBe('これは<mark>東京都</mark>庁です');
    });

    test('the more relevant first: a word that is rarer, and a text that says less else', async () => {
      const { write, keys } = await searching(make);
      await write(page('a', { title: 'alpha' }), page('b', { title: 'alpha with a good many other words around it' }), page('c', { title: 'beta' }));
      expect(await keys('q=alpha')).toEqual(['a', 'b']);
    });

    test('a whole word before words that it begins', async () => {
      const { write, keys } = await searching(make);
      await write(page('a', { title: 'wikipedia today' }), page('b', { title: 'wiki today' }), page('c', { title: 'wikis' }), page('d', { title: 'today' }));
      const [first, ...others] = await keys('q=wiki');
      expect([first, others.sort()]).toEqual(['b', ['a', 'c']]);
    });

    test('only what its filters let through', async () => {
      const { write, keys } = await searching(make);
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
      const { write, keys, ask } = await searching(make);
      const long = `${'語 wort '.repeat(20_000)}end`;
      expect(await write(page('a', { editor: long }))).toEqual([{ state: 'done' }]);
      expect(await keys('q=end')).toEqual(['a']);
      expect((await ask('')).hits[0]?.entity.editor).toBe(long);
    });

    test('numbers, dates and texts of another kind than their field’s: shown, but neither filtered nor ordered by', async () => {
      const { write, ask, keys } = await searching(make);
      const fields = { title: 'a', edits: 'many', size: '1e+200', lastEdit: 'yesterday', robot: 'yes', editor: null };
      expect(await write({ key: 'a', version: 1, fields })).toEqual([{ state: 'done' }]);
      expect((await ask('')).hits[0]?.entity).toEqual(fields);
      // DynamoDB's numbers end before a double's do; then they come as text.
      expect(await keys('filter[size]=1e200')).toEqual(['a']);
      expect(await keys('filter[edits]=..1e9')).toEqual([]);
      expect(await keys('order=-lastEdit')).toEqual(['a']);
    });

    test('by any number or date, nulls last, keys by their bytes between equals', async () => {
      const { write, keys } = await searching(make);
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
        const { write, ask } = await searching(make);
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
      const { write, ask } = await searching(make);
      await write(page('a'), page('b'));
      expect((await ask('limit=2')).cursor).toBeNull();
      const { cursor } = await ask('limit=1');
      expect((await ask(`limit=1&cursor=${cursor}`)).cursor).toBeNull();
    });

    test('an entity without searched fields can be filtered and ordered', async () => {
      const schema: SearchSchema = { name: 'bare', identity: '0123456789ab', fields: [{ name: 'n', kind: 'number', searched: false }] };
      const { write, keys } = await searching(make, schema);
      await write({ key: 'a', version: 1, fields: { n: 1 } }, { key: 'b', version: 1, fields: { n: 2 } });
      expect(await keys('order=-n')).toEqual(['b', 'a']);
      expect(await keys('filter[n]=1')).toEqual(['a']);
    });

    test('a search of what was never written finds nothing', async () => {
      const { ask } = await searching(make);
      expect(await ask('q=a')).toEqual({ total: 0, hits: [], cursor: null });
    });
  });
};
