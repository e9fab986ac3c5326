import { type Engine, type Made, page, q, searching } from '../support/searching.ts';

/** Which texts a question finds. */
export const describeFinds = (make: () => Promise<Made>, engine: Engine): void => {
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
    let world: Awaited<ReturnType<typeof searching>>;
    beforeAll(async () => {
      world = await searching(make);
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
};
