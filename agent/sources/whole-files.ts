import { join } from 'node:path';
import type { Shaper } from '../formats/format.ts';
import type { Source } from '../ports/source.ts';
import { fileSource } from './file.ts';
import { filesIn, matchesOf } from './matches.ts';

/** The files of a path, a folder or a pattern, by name, each from its beginning to its end. */
export const wholeFiles = ({ path, shaper }: { readonly path: string; readonly shaper: (path: string) => Shaper }): Source => ({
  name: path,
  run: async (intake, signal) => {
    const paths = await filesOf(path);
    if (paths.length === 0) intake.note(`There is no file at ${path}.`);
    for (const one of paths) await fileSource({ path: one, identity: one, shaper: shaper(one) }).run(intake, signal);
  },
});

export const filesOf = async (path: string): Promise<readonly string[]> => {
  const { folder, has } = await matchesOf(path);
  const found = await filesIn(folder).catch(() => []);
  return found.filter(({ name }) => has(name)).map(({ name }) => join(folder, name));
};
