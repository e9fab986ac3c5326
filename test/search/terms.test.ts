import { marksOf, shadowOf } from '../../shared/adapters/sqlite/search-tables.ts';
import { markUp } from '../../shared/search/highlight.ts';
import { parseTerms } from '../../shared/search/terms.ts';
import { composed, wordsOf } from '../../shared/search/words.ts';
import { random, seeds } from '../../testing/random.ts';
import { some } from '../support/long.ts';
import { anyText } from '../support/texts.ts';

const read = (text: string) => parseTerms(text).map(({ words, prefix }) => `${words.join(' ')}${prefix ? '*' : ''}`);

test.each<[string, string[]]>([
  ['', []],
  ['wiki', ['wiki*']],
  ['wiki  pedia', ['wiki', 'pedia*']],
  ['wiki ', ['wiki*']],
  ['a "b c" d', ['a', 'b c', 'd*']],
  ['a "b c"', ['a', 'b c']],
  ['a "b c', ['a', 'b', 'c*']],
  ['“b c” „d e“ «f»', ['b c', 'd e', 'f']],
  ['""', []],
  ['"b" "', ['b']],
  ["can't", ['can', 't*']],
  ['AC/DC', ['AC', 'DC*']],
  ['x:y -z +w (AND) OR NOT *', ['x', 'y', 'z', 'w', 'AND', 'OR', 'NOT*']],
  ['東京都', ['東 京 都']],
  ['東京 tower', ['東 京', 'tower*']],
  ['tower東京', ['tower 東 京']],
  ['東', ['東']],
  ['コーヒー', ['コ ー ヒ ー']],
  ['e\u0301lan', ['élan*']],
  ['...', []],
  ['a\u0000b', ['a', 'b*']],
  ['😀', []],
  ['3.14', ['3', '14*']],
])('%j is read as %j', (text, terms) => {
  expect(read(text)).toEqual(terms);
});

test.each(some(seeds(3), 1))('given any text, seed %i, then its words are letters, digits and marks alone, and every one of them was in it', (seed) => {
  const r = random(seed);
  for (let i = 0; i < 2_000; i++) {
    const text = anyText(r, 30);
    for (const { words } of parseTerms(text)) {
      expect(words.length).toBeGreaterThan(0);
      for (const word of words) {
        expect(word).toMatch(/^[\p{L}\p{N}\p{M}\p{Co}]+$/u);
        expect(composed(text)).toContain(word);
      }
    }
    expect(parseTerms(text).flatMap(({ words }) => words)).toEqual(wordsOf(composed(text)));
  }
});

test.each(some(seeds(3), 1))(
  'given any text, seed %i, then its shadow without separators is as long as the text, and has its marks at the same places',
  (seed) => {
    const r = random(seed);
    for (let i = 0; i < 2_000; i++) {
      const text = composed(anyText(r, 30));
      const shadow = shadowOf(text);
      expect(shadow.replaceAll('\u001f', '')).toHaveLength(text.length);
      const [from, to] = [r.integer(0, text.length), r.integer(0, text.length)].sort((a, b) => a - b) as [number, number];
      let at = 0;
      let withMarks = '';
      for (const unit of `${shadow}\u0000`) {
        if (unit !== '\u001f' && at === to && to > from) withMarks += '\u0002';
        if (unit !== '\u001f' && at === from && to > from) withMarks += '\u0001';
        withMarks += unit;
        if (unit !== '\u001f') at += unit.length;
      }
      if (to > from && withMarks.includes('\u0001') && withMarks.includes('\u0002')) expect(marksOf(withMarks)).toEqual([[from, to]]);
      expect(markUp(text, [[from, to]]).replace(/<\/?mark>/g, '')).not.toMatch(/[<>"']/);
    }
  },
);
