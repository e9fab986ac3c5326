/** A stored file that is missing, or does not hold what was written to it: no answer is computed from it. */
export class DamagedError extends Error {
  override readonly name = 'DamagedError';
  /** Its key, or its path in the data folder; never a path of the machine. */
  readonly file: string;
  readonly problem: string;
  /** What the operator can do about it. */
  readonly wayBack: string;

  constructor(file: string, problem: string, wayBack: string) {
    super(`${file}: ${problem} ${wayBack}`);
    this.file = file;
    this.problem = problem;
    this.wayBack = wayBack;
  }
}
