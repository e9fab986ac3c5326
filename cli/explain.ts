import { inspect } from 'node:util';

/** Errors whose message is enough: a pipeline or a setting that cannot work, a folder that belongs to somebody else or needs a newer Node.js. */
const SAYS_ALL = new Set(['DefinitionError', 'RangeError', 'FolderOwnedError', 'DamagedError', 'ZstdMissingError']);
const NO_ROOM = new Set(['ENOSPC', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE']);

/** The text of an error for its user; with a stack only if it is a bug. */
export const explain = (error: unknown): string => {
  const { code, name, message } = error as Error & { code?: string };
  if (NO_ROOM.has(code ?? '')) return `The disk is full: ${message}. Make room, then start again.`;
  return SAYS_ALL.has(name) ? `${name}: ${message}` : inspect(error);
};
