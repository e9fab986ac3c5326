/** The room for what is stored. */
export interface Room {
  /** `isFull`: too little is left to take more in; what is left is for what was taken in before. */
  look(): { readonly freeBytes: number; readonly isFull: boolean };
}
