import type { Term } from '../ports/search-question.ts';
import { composed, isAlone, runsOf, wordsOf } from './words.ts';

/**
 * Parses a search text: words, and "phrases" in quotes, all of which must be found. Only quotes are syntax, and an unpaired
 * last one is ignored. If the text ends with an unquoted word, that also matches as a prefix.
 */
export const parseTerms = (text: string): Term[] => {
  const parts = composed(text).split(/["“”„«»]/);
  const terms: Term[] = [];
  for (const [i, part] of parts.entries()) {
    const isPhrase = i % 2 === 1 && i < parts.length - 1;
    const groups = isPhrase ? [wordsOf(part)] : runsOf(part).flatMap((run) => (run.some(isAlone) ? [run] : run.map((word) => [word])));
    for (const words of groups) if (words.length > 0) terms.push({ words, prefix: false });
  }
  const last = terms.at(-1);
  const typed = parts.at(-1) ?? '';
  if (last?.words.length === 1 && !isAlone(last.words[0] as string) && wordsOf(typed).length > 0) terms[terms.length - 1] = { ...last, prefix: true };
  return terms;
};
