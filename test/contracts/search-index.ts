import type { Engine, Made } from '../support/searching.ts';
import { describeAnswers } from './search-answers.ts';
import { describeFinds } from './search-finds.ts';
import { describeKeeps } from './search-keeps.ts';

/** What every SearchIndex promises. `make` gives an index without anything in it. */
export const describeSearchIndex = (make: () => Promise<Made>, engine: Engine): void => {
  describeFinds(make, engine);
  describeAnswers(make);
  describeKeeps(make);
};
