import {
  coalesce,
  count,
  definePipeline,
  distinct,
  entity,
  eq,
  event,
  first,
  gt,
  latest,
  lower,
  max,
  metric,
  part,
  ratio,
  sub,
  time,
  top,
  urlHost,
  urlPath,
  urlQuery,
} from 'twinstream';
import { z } from 'zod';

const view = event(
  z.object({
    id: z.string(),
    at: time(),
    page: z.url(),
    /** The first page of the visit, with what a campaign's link added, and where the visit came from. */
    landing: z.url(),
    referrer: z.url().optional(),
    visit: z.string(),
    visitor: z.string(),
    /** 1 for the first view of a visit. */
    number: z.int().min(1),
    device: z.enum(['desktop', 'mobile', 'tablet']),
    country: z.string().length(2).optional(),
  }),
  { time: 'at', id: 'id', subject: 'page' },
);

/** Google and google are the same; without a campaign it is the site that linked here. */
const source = lower(coalesce(urlQuery(view.landing, 'utm_source'), coalesce(urlHost(view.referrer), 'direct')));
const path = urlPath(view.page);

export default definePipeline({
  events: { view },
  metrics: {
    views: metric(view, {
      window: '15m',
      dimensions: { source, campaign: urlQuery(view.landing, 'utm_campaign'), section: part(path, '/', 2), device: view.device, country: view.country },
      measures: {
        views: count(),
        // A visit has several views, of which each is in one group: distinct counts it once, whatever is merged.
        visits: distinct(view.visit),
        visitors: distinct(view.visitor),
        stayed: distinct(view.visit, { where: gt(view.number, 1) }),
        ordered: distinct(view.visit, { where: eq(path, '/checkout/thanks') }),
        pages: top(path),
      },
      formulas: {
        viewsPerVisit: ratio('views', 'visits'),
        bounceRate: sub(1, ratio('stayed', 'visits')),
        conversion: ratio('ordered', 'visits'),
      },
    }),
  },
  entities: {
    visitor: entity(view, {
      key: view.visitor,
      fields: { firstSource: first(source), lastPage: latest(path), lastSeen: latest(view.at), views: count(), longestVisit: max(view.number) },
      search: ['firstSource', 'lastPage'],
    }),
  },
});
