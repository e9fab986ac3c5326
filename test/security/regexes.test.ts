import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import { analyse } from 'scslre';

// No text of a user's may make a regular expression slow. Every literal of the product is analysed (scslre, the analysis of
// eslint-plugin-regexp): one that may take more than linear time is refused.

const FOLDERS = ['shared', 'functions', 'local', 'agent'];
interface Literal {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}
const regexesOf = (file: string): { literals: Literal[]; constructed: number } => {
  const literals: Literal[] = [];
  let constructed = 0;
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, pattern, flags, callee } = node as { type?: string; pattern?: string; flags?: string; callee?: { value?: string } };
    if (type === 'RegExpLiteral') literals.push({ file, source: pattern ?? '', flags: flags ?? '' });
    if ((type === 'NewExpression' || type === 'CallExpression') && callee?.value === 'RegExp') constructed++;
    Object.values(node).forEach(visit);
  };
  visit(parseSync(readFileSync(file, 'utf8'), { syntax: 'typescript', target: 'es2022' }));
  return { literals, constructed };
};
const files = FOLDERS.flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
    .map((name) => join(folder, name)),
);
/** What makes it slow, if anything does. A sticky one does not look further on. */
const slownessOf = ({ source, flags }: Pick<Literal, 'source' | 'flags'>): string[] =>
  analyse({ source, flags: flags.replace('y', '') }, { reportTypes: { Move: !flags.includes('y') } }).reports.map(
    ({ type, exponential, character }) => `${exponential ? 'exponential' : 'polynomial'} ${type} by repeating ${JSON.stringify(character.pick)}`,
  );

test('given slow ones, then the analysis finds them', () => {
  for (const source of ['(a+)+$', '\\d*\\d*x', '(?:a|a)*b', '\\s+$']) expect([source, slownessOf({ source, flags: '' }).length > 0]).toEqual([source, true]);
  for (const source of ['^a+$', '^-(\\d{1,6})([smhdw])$']) expect([source, slownessOf({ source, flags: '' })]).toEqual([source, []]);
});

test('given every regular expression of the product, then it takes linear time', () => {
  const literals = files.flatMap((file) => regexesOf(file).literals);
  expect(literals.length).toBeGreaterThan(30);
  const slow = literals.flatMap(({ file, source, flags }) =>
    slownessOf({ source, flags })
      .slice(0, 1)
      .map((reason) => ({ name: `${file} /${source}/${flags}`, reason })),
  );
  expect(slow).toEqual([]);
});

test('given a regular expression made at run time, then it takes linear time too', async () => {
  const made: Pick<Literal, 'source' | 'flags'>[] = [];
  const Original = globalThis.RegExp;
  globalThis.RegExp = new Proxy(Original, {
    construct: (target, [source, flags = ''], newTarget) => {
      made.push({ source, flags });
      return Reflect.construct(target, [source, flags], newTarget);
    },
  });
  try {
    for (const file of files.filter((name) => regexesOf(name).constructed > 0)) {
      const module = await import(join(process.cwd(), file));
      // The paths of routes.
      if (file === 'local/http-server.ts') module.httpServer({ functions: {}, authorize: null, answered: null }, module.CONNECTION_LIMITS);
    }
  } finally {
    globalThis.RegExp = Original;
  }
  expect(made.length).toBeGreaterThanOrEqual(files.reduce((sum, name) => sum + regexesOf(name).constructed, 0));
  expect(made.flatMap((literal) => slownessOf(literal).map((reason) => ({ ...literal, reason })))).toEqual([]);
});
