import pipeline from '../../pipeline.ts';
import { type Edit as Sampled, sampleEdits } from '../support/sample.ts';
import { type Domain, distinctOf, groups, largest, percentiles, sumOf, within } from './domain.ts';

type Edit = Sampled & { readonly isNew?: boolean };
const window = '2015-09-12T00:00:00.000Z';

/** Every thirtieth of its edits; a journey plays them all. */
export const wikipedia: Domain<Edit> = {
  name: 'wikipedia',
  type: 'edit',
  pipeline,
  events: sampleEdits().filter((_, i) => i % 30 === 0),
  oracles: [
    (all) =>
      largest(
        groups(all, ({ channel }) => channel),
        ([, some]) => some.length,
        3,
      ).map(([channel, some]) => ({
        window,
        channel,
        edits: some.length,
        added: sumOf(some, ({ added }) => added),
        editors: within(
          0.05,
          distinctOf(some, ({ user }) => user),
        ),
      })),
    (all) =>
      [false, true].map((robot) => {
        const some = all.filter(({ isRobot }) => isRobot === robot);
        return {
          window,
          robot,
          edits: some.length,
          size: percentiles(
            some.map(({ added }) => added),
            50,
            90,
            99,
          ),
        };
      }),
    (all) =>
      groups(
        all.filter(({ isNew }) => isNew === true),
        ({ time }) => new Date(Math.floor((Date.parse(time) - 4 * 3_600_000) / 21_600_000) * 21_600_000 + 4 * 3_600_000).toISOString(),
      ).map(([from, some]) => ({ window: from, edits: some.length, added: sumOf(some, ({ added }) => added) })),
    (all) =>
      largest(
        groups(all, ({ page }) => page).toSorted(([a], [b]) => (a < b ? -1 : 1)),
        ([, some]) => some.length,
        3,
      ).map(([key, some]) => ({
        key,
        title: key,
        channel: some.at(-1)?.channel,
        lastEditor: some.at(-1)?.user,
        lastEdit: some.at(-1)?.time,
        edits: some.length,
        added: sumOf(some, ({ added }) => added),
      })),
  ],
};
