// What scripts/page.mjs makes of this folder, which functions/page.ts imports as #page.
export interface PageFile {
  readonly type: string;
  /** Text as it is, bytes in base64. */
  readonly text?: string;
  readonly base64?: string;
}
export const html: string;
/** By name; a name changes with the file's content. */
export const assets: Readonly<Record<string, PageFile>>;
