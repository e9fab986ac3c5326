// Bundles dashboard/ into one module that holds the page and its assets: for functions/page.ts, wherever that is bundled itself.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
/** Where this repository's own functions find it. */
const BUILT = resolve(root, 'dashboard/built/page.js');
const TYPES = { '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml', '.woff2': 'font/woff2' };
const TEXT = new Set(['.js', '.css', '.svg']);

const sources = () => ['dashboard', 'client', 'scripts/page.mjs', 'package-lock.json'].flatMap(filesOf);
const filesOf = (path) => {
  const full = join(root, path);
  if (extname(path) !== '') return [path];
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('built'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
};
const digest = () =>
  sources()
    .reduce((hash, file) => hash.update(file).update(readFileSync(join(root, file))), createHash('sha256'))
    .digest('hex');

const bundled = async () => {
  const { build, stop } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: { main: 'dashboard/main.tsx', page: 'dashboard/style/page.css', icon: 'dashboard/icon.svg' },
    outdir: 'assets',
    entryNames: '[name]-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.woff2': 'file', '.svg': 'copy' },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: ['chrome123', 'firefox120', 'safari17.5'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  await stop();
  const entry = (source) =>
    basename(Object.entries(metafile.outputs).find(([, { entryPoint, inputs }]) => (entryPoint ?? Object.keys(inputs)[0]) === source)[0]);
  return { outputFiles, entry };
};

const htmlOf = (names, entry) => {
  const fonts = names.filter((name) => name.endsWith('.woff2'));
  const head = [
    `<link rel="icon" href="assets/${entry('dashboard/icon.svg')}">`,
    ...fonts.map((name) => `<link rel="preload" href="assets/${name}" as="font" type="font/woff2" crossorigin>`),
    `<link rel="stylesheet" href="assets/${entry('dashboard/style/page.css')}">`,
    `<script type="module" src="assets/${entry('dashboard/main.tsx')}"></script>`,
  ];
  return readFileSync(join(root, 'dashboard/index.html'), 'utf8').replace('<!-- assets -->', head.join('\n'));
};

/** Builds the page into a module, unless it is there already and nothing changed. */
export const buildPage = async (target = BUILT) => {
  const mark = `// ${digest()}\n`;
  try {
    if (readFileSync(target, 'utf8').startsWith(mark)) return;
  } catch {
    // Not built yet.
  }
  const { outputFiles, entry } = await bundled();
  const assets = Object.fromEntries(
    outputFiles.map(({ path, contents, text }) => {
      const kind = extname(path);
      return [basename(path), { type: TYPES[kind], ...(TEXT.has(kind) ? { text } : { base64: Buffer.from(contents).toString('base64') }) }];
    }),
  );
  mkdirSync(dirname(target), { recursive: true });
  // Several processes may do the same at once.
  const side = `${target}.${process.pid}`;
  writeFileSync(side, `${mark}export const html = ${JSON.stringify(htmlOf(Object.keys(assets), entry))};\nexport const assets = ${JSON.stringify(assets)};\n`);
  renameSync(side, target);
};

if (process.argv[1] === import.meta.filename) await buildPage(...process.argv.slice(2));
