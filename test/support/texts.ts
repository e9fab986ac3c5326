import type { Random } from '../../testing/random.ts';

/** Characters that a reader of text meets: of many scripts, and those that are syntax, control or marks somewhere. */
const POOLS = [
  'abcXYZ019',
  ' \t\n',
  `"'“”„«»\`*:()[]{}<>&|!^~+-/\\.,;?#%_=@$`,
  '\u0000\u0001\u0002\u001f\u007f\u200b\u2028\ufeff\ufdd0\uffff',
  'éßøœİıŁǅ',
  'ΑάςΣῶϐ',
  'ЁйѐЖщ',
  '東京都カーひらが한글',
  'ไทยລາວ',
  'हिन्दी',
  '\u0301\u0308\u20dd\u0e33',
  '😀👩‍👩‍👧🇩🇪',
  'Ａｂ９ﬁⅷ²',
  '\ue000\u{f0000}',
];
export const anyText = (r: Random, most: number): string => {
  const pools = Array.from({ length: r.integer(1, 4) }, () => [...r.pick(POOLS)]);
  return Array.from({ length: r.integer(0, most) }, () => r.pick(r.pick(pools))).join('');
};
