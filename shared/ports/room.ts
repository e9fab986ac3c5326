/** The disk space for what is stored. */
export interface Room {
  /** `isFull`: too little is left to accept more; the rest is for what was accepted before. */
  look(): { readonly freeBytes: number; readonly isFull: boolean };
}
