// Checks every import of the product against the rules in .dependency-cruiser.cjs: which room may import which, and no circles.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cruise } from 'dependency-cruiser';

const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const FOLDERS = ['functions', 'shared', 'local', 'agent', 'cli', 'client', 'testing', 'cost'];
/** Without a TypeScript parser the tool reads no files, and finds nothing wrong. */
const MIN_MODULES = 200;

const { output } = await cruise(FOLDERS.filter(existsSync), { ...options, ruleSet: { forbidden }, validate: true });
const { violations, totalCruised, totalDependenciesCruised } = output.summary;
if (totalCruised < MIN_MODULES) throw new Error(`Expected at least ${MIN_MODULES} modules, read ${totalCruised}`);
for (const { rule, from, to, cycle } of violations)
  console.error(`${rule.name}: ${from} → ${cycle === undefined ? to : cycle.map(({ name }) => name).join(' → ')}`);
console.log(`${totalCruised} files, ${totalDependenciesCruised} imports, ${violations.length} against the rules in .dependency-cruiser.cjs`);
process.exitCode = violations.length === 0 ? 0 : 1;
