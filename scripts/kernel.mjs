// Compiles shared/kernel/assembly (AssemblyScript) to WebAssembly, in a module that everything bundles: node scripts/kernel.mjs.
// With --check it only finds out whether that is up to date.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import asc from 'assemblyscript/asc';

const root = resolve(import.meta.dirname, '..');
export const KERNEL = resolve(root, 'shared/kernel/compiled.ts');
const OPTIONS = ['-O3', '--converge', '--noAssert', '--enable', 'simd', '--runtime', 'stub'];

/** The text of shared/kernel/compiled.ts. */
export const compiledKernel = async () => {
  let wasm = null;
  const { error, stderr } = await asc.main(['shared/kernel/assembly/index.ts', '--outFile', 'kernel.wasm', ...OPTIONS], {
    readFile: (name) => {
      try {
        return readFileSync(resolve(root, name), 'utf8');
      } catch {
        return null;
      }
    },
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm') wasm = contents;
    },
  });
  if (error !== null || wasm === null) throw new Error(`Expected the kernel to compile, got ${error?.message}\n${stderr}`);
  return `// What scripts/kernel.mjs makes of assembly/; a test compares the two.\nexport const COMPILED =\n  '${Buffer.from(wasm).toString('base64')}';\n`;
};

if (process.argv[1] === import.meta.filename) {
  const text = await compiledKernel();
  if (!process.argv.includes('--check')) writeFileSync(KERNEL, text);
  else if (text !== readFileSync(KERNEL, 'utf8')) {
    console.error('Expected shared/kernel/compiled.ts to be what its sources compile to, got another: run node scripts/kernel.mjs');
    process.exitCode = 1;
  }
}
