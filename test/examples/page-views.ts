import pipeline from '../../examples/page-views/pipeline.ts';
import { about, counted, type Domain, distinctOf, generated, groups, largest, topOf } from './domain.ts';

interface View {
  readonly at: string;
  readonly page: string;
  readonly landing: string;
  readonly referrer?: string;
  readonly visit: string;
  readonly visitor: string;
  readonly number: number;
  readonly device: string;
}
const window = '2025-06-03T00:00:00.000Z';
const hostOf = (url: string | undefined) => (url === undefined ? null : new URL(url).host);
const sourceOf = ({ landing, referrer }: View) => (new URL(landing).searchParams.get('utm_source') ?? hostOf(referrer) ?? 'direct').toLowerCase();
const pathOf = ({ page }: View) => new URL(page).pathname;
const visitsOf = (views: readonly View[]) => distinctOf(views, ({ visit }) => visit);

export const pageViews: Domain<View> = {
  name: 'page-views',
  type: 'view',
  pipeline,
  events: generated('page-views'),
  oracles: [
    (all) =>
      largest(
        groups(all, sourceOf).map(([source, some]) => ({
          window,
          source,
          visits: visitsOf(some),
          bounceRate: about(1 - visitsOf(some.filter(({ number }) => number > 1)) / visitsOf(some)),
          conversion: about(visitsOf(some.filter((view) => pathOf(view) === '/checkout/thanks')) / visitsOf(some)),
        })),
        ({ visits }) => visits,
      ),
    (all) =>
      groups(
        all.filter(({ landing }) => new URL(landing).searchParams.get('utm_campaign') === 'summer'),
        ({ device }) => device,
      )
        .map(([device, some]) => ({ window, device, views: some.length, viewsPerVisit: about(some.length / visitsOf(some)), pages: topOf(some.map(pathOf)) }))
        .sort((a, b) => (a.device < b.device ? -1 : 1)),
    (all) =>
      [0, 6, 12, 18].map((hour) => {
        const from = `2025-06-0${hour === 0 ? 2 : 3}T${String((hour + 22) % 24).padStart(2, '0')}:00:00.000Z`;
        const to = new Date(Date.parse(from) + 6 * 3_600_000).toISOString();
        const some = all.filter(({ at }) => at >= from && at < to);
        return { window: from, views: some.length, visits: counted(visitsOf(some)), visitors: counted(distinctOf(some, ({ visitor }) => visitor)) };
      }),
    (all) =>
      largest(
        groups(all, ({ visitor }) => visitor)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .filter(([, [first]]) => first !== undefined && sourceOf(first) === 'newsletter')
          .map(([key, some]) => ({
            key,
            firstSource: 'newsletter',
            lastPage: some.map(pathOf).at(-1),
            lastSeen: some.at(-1)?.at,
            views: some.length,
            longestVisit: Math.max(...some.map(({ number }) => number)),
          })),
        ({ views }) => views,
        3,
      ),
  ],
};
