import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { until } from '../support/until.ts';

const PLACES = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Debian's Chromium, or the one that CHROMIUM names. */
const pathOf = (): string => {
  const found = PLACES.find((path) => path !== undefined && existsSync(path));
  if (found === undefined) throw new Error('Expected a Chromium at /usr/bin/chromium or where CHROMIUM says: apt-get install chromium');
  return found;
};

let browser: Browser | null = null;
/** One browser a test file. Containers have no sandbox of their own for it. */
export const theBrowser = async (): Promise<Browser> => (browser ??= await chromium.launch({ executablePath: pathOf(), args: ['--no-sandbox'] }));
afterAll(async () => {
  await browser?.close();
  browser = null;
});

export interface Visit {
  readonly page: Page;
  /** What the console said that is wrong, and exceptions; each test expects none that it did not cause. */
  readonly errors: string[];
}
const visits: Visit[] = [];

/** A tab of its own, always in the same zone and language. */
export const visit = async (url: string, options: BrowserContextOptions = {}): Promise<Visit> => {
  const context = await (await theBrowser()).newContext({
    viewport: { width: 1440, height: 900 },
    timezoneId: 'UTC',
    locale: 'en-GB',
    colorScheme: 'light',
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const errors: string[] = [];
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  page.on('pageerror', (error) => errors.push(String(error.stack)));
  const made = { page, errors };
  visits.push(made);
  await page.goto(url);
  return made;
};
afterEach(async () => {
  const errors = visits.flatMap((one) => one.errors);
  for (const { page } of visits.splice(0)) await page.context().close();
  expect(errors).toEqual([]);
});

export const NARROW: BrowserContextOptions = { viewport: { width: 400, height: 860 }, hasTouch: true, isMobile: true };
/** The chart of the first metric has its numbers. */
export const numbersShown = (page: Page) => page.locator('.hero .chart canvas').first().waitFor();
/** Every panel has its answer. Waiting for an idle network would not end, since the server's pushes never do. */
export const allShown = (page: Page) => until(async () => (await page.locator('.ghost-chart').count()) === 0);
/** The number on a card. */
export const cardOf = (page: Page, metric: string, measure: string) =>
  page
    .locator(`#m-${metric} .card`)
    .filter({ has: page.locator('.card-k', { hasText: new RegExp(`^${measure}`) }) })
    .locator('.card-n');
/** Whether something of the page is wider than the window. */
export const isTooWide = (page: Page): Promise<boolean> => page.evaluate('document.documentElement.scrollWidth > innerWidth');
