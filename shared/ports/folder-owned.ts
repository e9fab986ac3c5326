/** Another process owns the data folder: this one may read it, but not write. */
export class FolderOwnedError extends Error {
  override readonly name = 'FolderOwnedError';
  /** The owner's address; null while it does not listen. */
  readonly url: string | null;

  constructor(message: string, url: string | null) {
    super(message);
    this.url = url;
  }
}
