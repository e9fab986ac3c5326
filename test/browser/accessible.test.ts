import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { findings } from './axe.ts';
import { allShown, isTooWide, NARROW, visit } from './browser.ts';
import { sampleHost } from './sample-host.ts';

const { url } = sampleHost();
/** SHOTS=docs/images takes the pictures of README and docs anew. */
const SHOTS = process.env.SHOTS;
const SHOWN = new Set(['overview', 'overview-dark', 'overview-400', 'explain', 'operations']);
const shot = async (page: Page, name: string): Promise<void> => {
  if (SHOTS === undefined || !SHOWN.has(name)) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
};

const VIEWS: readonly (readonly [name: string, hash: string, ready: string])[] = [
  ['overview', '', '.hero .chart canvas'],
  ['overview-each', '#/overview?as=each&by=edits:namespace', '.each canvas'],
  ['explain', '', '.hero .chart canvas'],
  ['entities', '#/entities?q=wikipedia%20admin', '.hits mark'],
  ['entity', '#/entities/page%2FJeremy%20Corbyn', '.props'],
  ['quarantine', '#/quarantine', '.page h1'],
  ['operations', '#/operations', '.grid'],
];
const FORMS = [
  ['light', {}],
  ['dark', { colorScheme: 'dark' as const }],
  ['400', NARROW],
] as const;

describe.each(FORMS)('%s', (form, options) => {
  test.each(VIEWS)('axe-core finds nothing on %s, and it fits', async (name, hash, ready) => {
    const { page } = await visit(`${url()}/${hash}`, options);
    await page.locator(ready).first().waitFor();
    if (name === 'explain') {
      await page.locator('.card-n').first().click();
      await page.locator('.ev li').first().waitFor();
    }
    await allShown(page);
    expect(await findings(page)).toEqual([]);
    expect(await isTooWide(page)).toBe(false);
    await shot(page, form === 'light' ? name : `${name}-${form}`);
  });
});
