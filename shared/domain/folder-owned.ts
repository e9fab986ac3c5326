/** Another process owns the data folder: here it may be read, and nothing in it is written. */
export class FolderOwnedError extends Error {
  override readonly name = 'FolderOwnedError';
}
