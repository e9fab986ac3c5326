import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { StoredToken, TokenStore, WithoutTokens } from '../../ports/token-store.ts';

const FILE = z.strictObject({
  tokens: z.array(
    z.strictObject({
      id: z.string().regex(/^[0-9a-f]{12}$/),
      scope: z.enum(['write', 'read', 'admin']),
      digest: z.string().regex(/^[0-9a-f]{64}$/),
      origins: z.array(z.string().min(1)).min(1).exactOptional(),
    }),
  ),
});

const DOORS = z.strictObject({ withoutTokens: z.enum(['closed', 'open']) });
/** Beside the tokens' file, since it matters when that one is gone. */
const DOORS_FILE = 'access.json';

/**
 * Tokens in one JSON file that only its owner may read, and beside it a file that records whether any were ever issued. One
 * writer at a time: the command that issues tokens.
 */
export const tokenFile = ({ path }: { path: string }): TokenStore => {
  const doorsPath = join(dirname(path), DOORS_FILE);
  const list = async (): Promise<readonly StoredToken[]> => {
    const text = await readText(path);
    if (text === null) return [];
    try {
      return FILE.parse(JSON.parse(text)).tokens;
    } catch (cause) {
      throw new Error(`${path}: Expected {"tokens":[{"id","scope","digest"}]}, got something else. Fix it, or remove it and issue new tokens.`, { cause });
    }
  };
  const write = (tokens: readonly StoredToken[]) => replace(path, JSON.stringify({ tokens }, null, 2));
  const say = (withoutTokens: 'closed' | 'open') => replace(doorsPath, JSON.stringify({ withoutTokens }));
  const withoutTokens = async (): Promise<WithoutTokens> => {
    const text = await readText(doorsPath);
    if (text === null) {
      // Tokens from before this was recorded.
      if ((await list()).length === 0) return 'new';
      await say('closed');
      return 'closed';
    }
    try {
      return DOORS.parse(JSON.parse(text)).withoutTokens;
    } catch {
      return 'closed';
    }
  };
  return {
    list,
    withoutTokens,
    open: async () => {
      const { length } = await list();
      if (length > 0) throw new RangeError(`Expected no tokens, got ${length}: remove them first (npm run token -- list, remove --id ID)`);
      await say('open');
    },
    add: async (token) => {
      const tokens = [...(await list()), token];
      await say('closed');
      await write(tokens);
    },
    remove: async ({ id }) => {
      await withoutTokens();
      await write((await list()).filter((token) => token.id !== id));
    },
  };
};

/** Null if there is none. */
const readText = (path: string): Promise<string | null> =>
  readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });

/** Durable: a token must not outlive the record that tokens are in use. */
const replace = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, `${text}\n`, { mode: 0o600, flush: true });
  await chmod(`${path}.part`, 0o600);
  await rename(`${path}.part`, path);
};
