import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { Pipeline } from '../../shared/pipeline.ts';

/** The pipeline that a page shows in its first block of TypeScript. */
export const pipelineIn = async (page: string): Promise<Pipeline> => {
  const [, contents = ''] = /```ts\n([\s\S]*?)```/.exec(page) ?? [];
  const folder = mkdtempSync(join(import.meta.dirname, '.page-'));
  try {
    const { outputFiles } = await build({
      stdin: { contents, loader: 'ts', resolveDir: folder },
      bundle: true,
      platform: 'node',
      external: ['zod'],
      format: 'esm',
      write: false,
      conditions: ['twinstream-source'],
    });
    const file = join(folder, 'pipeline.mjs');
    writeFileSync(file, outputFiles[0]?.text ?? '');
    return ((await import(pathToFileURL(file).href)) as { default: Pipeline }).default;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
