// Creates a repository for the user.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { IS_PACKAGE } from '../local/built.ts';
import { command, fail } from './command.ts';

const USAGE = `Usage: twinstream init [DIR]

Lays down a repository with a pipeline, its test, and what a deploy needs, from a machine or from GitHub. Files that are
there already are never changed, but for package.json, which gets what it lacks.`;

/** In the clone there is no package whose version the repository could name. */
const files = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const TEMPLATES = 'dist/templates/repository';

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly packages?: Readonly<Record<string, { readonly resolved?: string }>>;
}
const readJson = (path: string): Manifest => (existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Manifest) : {});

export const init = command({
  usage: USAGE,
  options: {},
  run: async ({ positionals: [dir = '.', ...more] }) => {
    if (more.length > 0) fail(`Expected one folder, got '${more[0]}' as well\n\n${USAGE}`);
    if (!IS_PACKAGE) fail('Expected the installed package: npm create twinstream, or npm pack here and npm install of that file elsewhere');
    const target = resolve(process.env.INIT_CWD ?? '.', dir);
    const names = readdirSync(files(TEMPLATES), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'package.json')
      .map(({ parentPath, name }) => relative(files(TEMPLATES), join(parentPath, name)));
    // npm packs no .gitignore.
    const placeOf = (name: string) => join(target, name.replace(/^_/, '.'));
    const taken = names.filter((name) => existsSync(placeOf(name)));
    if (taken.length > 0)
      fail(`Expected none of the files that init creates in ${target}, found ${taken.map((name) => relative(target, placeOf(name))).join(', ')}`);
    for (const file of names) mkdirSync(dirname(placeOf(file)), { recursive: true });
    const name = readJson(join(target, 'package.json')).name ?? nameOf(target);
    for (const file of names) writeFileSync(placeOf(file), readFileSync(join(files(TEMPLATES), file), 'utf8').replaceAll('{{name}}', serviceOf(name)));
    writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifestOf(join(target, 'package.json'), name), null, 2)}\n`);
    console.log(`A pipeline of orders is in ${join(target, 'pipeline.ts')}. Next:\n\n  ${dir === '.' ? '' : `cd ${dir} && `}npm install\n  npm start`);
  },
});

const nameOf = (folder: string): string =>
  basename(folder)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '') || 'events';
/** On AWS the stage is appended, and names of buckets and roles have a maximum length. */
const serviceOf = (name: string): string =>
  nameOf(name.replace(/^@.*\//, ''))
    .slice(0, 20)
    .replace(/-+$/, '');

/** Existing values win; the placeholder test script of `npm init` is removed. */
const manifestOf = (path: string, name: string) => {
  const [has, template, own] = [readJson(path), readJson(join(files(TEMPLATES), 'package.json')), readJson(files('package.json'))];
  const scripts = Object.fromEntries(Object.entries(has.scripts ?? {}).filter(([, text]) => !text.includes('no test specified')));
  const { zod: _, ...peers } = own.peerDependencies ?? {};
  return {
    name,
    version: '0.1.0',
    ...has,
    private: true,
    type: 'module',
    scripts: { ...scriptsHere(template.scripts ?? {}), ...scripts },
    dependencies: { twinstream: sourceOf(own), ...template.dependencies, ...has.dependencies },
    devDependencies: { ...peers, ...template.devDependencies, ...has.devDependencies },
  };
};

/** `exec`, which the shell of Windows does not know, lets the host itself get the signal that stops npm. */
const scriptsHere = (scripts: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  process.platform === 'win32' ? Object.fromEntries(Object.entries(scripts).map(([name, text]) => [name, text.replace(/^exec /, '')])) : scripts;

/** Where npm got this package from: its version in the registry, or a file or repository. */
const sourceOf = ({ version }: Manifest): string => {
  const folder = files('../..');
  const { resolved } = readJson(join(folder, 'node_modules/.package-lock.json')).packages?.['node_modules/twinstream'] ?? {};
  if (resolved === undefined || /^https?:/.test(resolved)) return `^${version}`;
  return resolved.startsWith('file:') ? `file:${resolve(folder, resolved.slice('file:'.length))}` : resolved;
};
