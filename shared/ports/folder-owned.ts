/** Another process owns the data folder: here it may be read, and nothing in it is written. */
export class FolderOwnedError extends Error {
  override readonly name = 'FolderOwnedError';
  /** Where the owner can be asked; null while it does not listen. */
  readonly url: string | null;

  constructor(message: string, url: string | null) {
    super(message);
    this.url = url;
  }
}
