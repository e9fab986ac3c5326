import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { StoredToken, TokenStore } from '../ports/token-store.ts';

const FILE = z.strictObject({
  tokens: z.array(
    z.strictObject({ id: z.string().regex(/^[0-9a-f]{12}$/), scope: z.enum(['write', 'read', 'admin']), digest: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});

/** Tokens in one JSON file that only its owner may read. One writer at a time: the command that hands tokens out. */
export const tokenFile = ({ path }: { path: string }): TokenStore => {
  const list = async (): Promise<readonly StoredToken[]> => {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (text === null) return [];
    try {
      return FILE.parse(JSON.parse(text)).tokens;
    } catch (cause) {
      throw new Error(`${path}: Expected {"tokens":[{"id","scope","digest"}]}, got something else. Mend it, or remove it and hand out new tokens.`, { cause });
    }
  };
  const write = async (tokens: readonly StoredToken[]): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.part`, `${JSON.stringify({ tokens }, null, 2)}\n`, { mode: 0o600 });
    await chmod(`${path}.part`, 0o600);
    await rename(`${path}.part`, path);
  };
  return {
    list,
    add: async (token) => write([...(await list()), token]),
    remove: async ({ id }) => write((await list()).filter((token) => token.id !== id)),
  };
};
