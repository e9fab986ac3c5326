import type { Answer, Query } from './types.ts';

/** What POST /query takes at once. */
const MAX_QUERIES = 20;

interface Waiting {
  readonly query: Query;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}
export interface AskerPorts {
  readonly post: (queries: Readonly<Record<string, Query>>) => Promise<Readonly<Record<string, Answer>>>;
  /** Whether a call failed for a reason that any other call would fail for, too. */
  readonly isOfAll: (error: unknown) => boolean;
  /** Runs a function once what happens now is done. */
  readonly soon: (work: () => void) => void;
}

/**
 * Asks queries that come together in one call, so that they are read at one cut and agree with each other. If a call fails
 * because of one of its queries, each is asked by itself: the one that cannot be answered is then the only one without an answer.
 */
export const asker = ({ post, isOfAll, soon }: AskerPorts): ((query: Query) => Promise<Answer>) => {
  let waiting: Waiting[] = [];

  const send = async (batch: readonly Waiting[]): Promise<void> => {
    const queries = Object.fromEntries(batch.map(({ query }, i) => [`q${i}`, query]));
    try {
      const answers = await post(queries);
      for (const [i, { resolve }] of batch.entries()) resolve(answers[`q${i}`] as Answer);
    } catch (error) {
      if (batch.length === 1 || isOfAll(error)) for (const { reject } of batch) reject(error);
      else await Promise.all(batch.map((one) => send([one])));
    }
  };
  const flush = (): void => {
    const all = waiting;
    waiting = [];
    for (let i = 0; i < all.length; i += MAX_QUERIES) void send(all.slice(i, i + MAX_QUERIES));
  };
  return (query) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) soon(flush);
      waiting.push({ query, resolve, reject });
    });
};
