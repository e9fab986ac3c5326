import { inspect } from 'node:util';

/** Errors whose message is all there is to say: a pipeline or a setting that cannot work, a folder that belongs to somebody else. */
const SAYS_ALL = new Set(['DefinitionError', 'RangeError', 'FolderOwnedError', 'DamagedError']);
const NO_ROOM = new Set(['ENOSPC', 'SQLITE_FULL', 'SQLITE_IOERR_SHMSIZE']);

/** What a person reads of an error; its stack only where it is a mistake of the code. */
export const explain = (error: unknown): string => {
  const { code, name, message } = error as Error & { code?: string };
  if (NO_ROOM.has(code ?? '')) return `The disk is full: ${message}. Make room, then start again.`;
  return SAYS_ALL.has(name) ? `${name}: ${message}` : inspect(error);
};
