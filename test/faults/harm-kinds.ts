/** What becomes of the files of a data folder while nobody has it open. */
export const HARMS = ['log.db', 'views.db', 'entities.db', 'everything', 'raw', 'views', 'other log'] as const;
export interface Harm {
  readonly what: (typeof HARMS)[number];
  /** An older copy takes its place; where there is none yet, one is taken and nothing else is done. Else it is lost. */
  readonly isOlder: boolean;
  /** The process before ended by itself. */
  readonly isClean: boolean;
  /** The first repair ends at this look at the clock. */
  readonly cutOffAt: number | null;
}
