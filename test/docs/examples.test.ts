import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as published from '../../shared/pipeline.ts';

const root = join(import.meta.dirname, '../../shared');
/** Source text by the names that shared/pipeline.ts re-exports from it. */
const sources = new Map<string, string>();
for (const [, names = '', file = ''] of readFileSync(join(root, 'pipeline.ts'), 'utf8').matchAll(/export \{([^}]+)\} from '([^']+)'/g))
  for (const name of names.split(',')) sources.set(name.trim(), readFileSync(join(root, file), 'utf8'));

test.each(Object.keys(published).filter((name) => name !== 'DefinitionError'))('given %s, then an editor shows an example of its use', (name) => {
  const before = (sources.get(name) ?? '').split(new RegExp(`export const ${name}[ :]`))[0] ?? '';
  const comment = before.slice(before.lastIndexOf('/**'));
  expect(comment).toMatch(/@example[\s\S]*\*\/\s*$/);
  expect(comment).toContain(`${name}(`);
});
