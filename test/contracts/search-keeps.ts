import type { SearchDocument } from '../../shared/ports/search-index.ts';
import type { SearchSchema } from '../../shared/ports/search-question.ts';
import { parseParameters } from '../../shared/request/parameters.ts';
import { parseQuestion } from '../../shared/search/question.ts';
import { random, seeds } from '../../testing/random.ts';
import { type Made, NOW, PAGES, page, searching } from '../support/searching.ts';

/** What an index holds after writes, in whatever order, and while it is built anew. */
export const describeKeeps = (make: () => Promise<Made>): void => {
  describe('keeps', () => {
    /** None is near another. */
    const WORDS = ['', 'apple', 'brick', 'cloud', 'dwarf', 'eight', 'flint', 'gnome', 'honey'];

    test('the newest version, in whatever order they come, and however often', async () => {
      for (const seed of seeds(5)) {
        const r = random(seed);
        const { write, ask } = await searching(make);
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
      const { write, keys } = await searching(make);
      await write(page('a', {}, 3));
      await write({ key: 'a', version: 5, fields: null });
      expect(await keys('')).toEqual([]);
      await write(page('a', {}, 4));
      expect([await keys(''), await keys('q=a')]).toEqual([[], []]);
      await write(page('a', {}, 6));
      expect([await keys(''), await keys('q=a')]).toEqual([['a'], ['a']]);
    });

    test('a deletion of what it never knew', async () => {
      const { write, keys } = await searching(make);
      expect(await write({ key: 'a', version: 5, fields: null })).toEqual([{ state: 'done' }]);
      await write(page('a', {}, 4));
      expect(await keys('')).toEqual([]);
    });

    test('keys of every sort apart', async () => {
      const { write, keys } = await searching(make);
      const every = ['a', 'A', 'á', 'a\u0301', 'a/b', 'a b', '../..', '_all', '"', '\u0000', '#', 'x'.repeat(1_900), `${'x'.repeat(1_899)}y`, '語'.repeat(600)];
      await write(...every.map((key) => page(key, { title: 't' })));
      expect((await keys('limit=100')).sort()).toEqual([...every].sort());
    });

    test('entities whose names differ by case alone are apart', async () => {
      const made = await make();
      const schemas = ['Page', 'page'].map((name): SearchSchema => ({ ...PAGES, name }));
      for (const schema of schemas) await made.index.write(schema, [page(schema.name)]);
      await made.settle();
      for (const schema of schemas)
        expect((await made.index.search(schema, parseQuestion(parseParameters(''), schema, NOW))).hits.map(({ key }) => key)).toEqual([schema.name]);
    });
  });

  describe('builds anew', () => {
    const plain = PAGES;
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
};
