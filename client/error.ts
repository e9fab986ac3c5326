/** What is wrong with one event or parameter. */
export interface Reason {
  /** The field. */
  readonly path?: string;
  readonly message: string;
}

/** A call that failed. */
export class TwinstreamError extends Error {
  override readonly name = 'TwinstreamError';
  /** The HTTP status; 0 without an answer. */
  readonly status: number;
  readonly errors: readonly Reason[];

  constructor(message: string, status: number, errors: readonly Reason[] = [], cause?: unknown) {
    super(message, { cause });
    this.status = status;
    this.errors = errors;
  }
}

/** The error in an answer (RFC 9457), or whatever a proxy answered. */
export const errorOf = (call: string, status: number, body: unknown): TwinstreamError => {
  const { detail, errors } = (body ?? {}) as { detail?: string; errors?: readonly Reason[] };
  return new TwinstreamError(`${call} answered ${status}${detail === undefined ? '' : `: ${detail}`}`, status, errors ?? []);
};

export const noAnswer = (call: string, cause: unknown): TwinstreamError =>
  new TwinstreamError(`${call} got no answer: ${cause instanceof Error ? cause.message : String(cause)}`, 0, [], cause);
