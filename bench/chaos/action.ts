import type { World } from './world.ts';

/** One thing that happens to a folder and its host. Afterwards a host runs. */
export interface Action {
  readonly name: string;
  /** How often it is drawn, beside the others. */
  readonly weight: number;
  /** Answers why it could not be played, or null. @throws {Error} at anything that differs from what is promised */
  play(world: World): Promise<string | null>;
}
