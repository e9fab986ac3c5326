import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** What axe-core finds on the page as it is now, of any weight. The debugger's own evaluation is not subject to the page's CSP. */
export const findings = async (page: Page): Promise<string[]> => {
  await page.evaluate(`if (window.axe === undefined) { ${source} }`);
  const violations = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)')) as Violation[];
  return violations.map(
    ({ id, impact, nodes }) =>
      `${impact} ${id}: ${nodes
        .map(({ html, failureSummary }) => `${html.slice(0, 150)} ${failureSummary}`)
        .join(' | ')
        .slice(0, 600)}`,
  );
};
