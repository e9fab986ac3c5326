import { createHash } from 'node:crypto';
import { EngineMemoryError, type Started } from '../ports/sql-engine.ts';
import type { CallContext } from '../request/http.ts';
import type { ExplainPorts } from './ports.ts';
import { tooMuch } from './problems.ts';

const PARTITION = 'explain';
/** How long the results of a statement are taken up again. */
const KEPT_MS = 3_600_000;
/** An engine leaves a statement while there is time to note where it is; a call that answers needs less than a run. */
const SPARE_MS = 15_000;

/** The rows of a statement. @throws {Problem} 400 if it needs too much memory. @throws {StillRunningError} */
export type Rows = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/**
 * Statements that go on after their call, by their text: the same call again waits for the same one, and does not begin another.
 * @param narrower what to ask for if one needs more memory than there is.
 */
export const statements = ({ engine, store, clock }: Pick<ExplainPorts, 'engine' | 'store' | 'clock'>, narrower: string) => {
  const startedAs = async (sql: string, context: CallContext): Promise<Started> => {
    const key = { partition: PARTITION, sort: createHash('sha256').update(sql).digest('hex') };
    const [stored] = await store.get([key]);
    return {
      id: stored == null ? null : Buffer.from(stored.body).toString(),
      note: async (id) => {
        await store.put([{ cell: { ...key, version: '1', body: Buffer.from(id) }, expected: stored?.version ?? null, expiresAtMs: clock() + KEPT_MS }]);
      },
      msLeft: () => context.getRemainingTimeInMillis() + SPARE_MS,
    };
  };
  return (context: CallContext): Rows =>
    async (sql) => {
      try {
        return await engine.rows(sql, await startedAs(sql, context));
      } catch (error) {
        if (error instanceof EngineMemoryError) throw tooMuch('Expected a list that fits into the memory for explaining, got one that does not.', narrower);
        throw error;
      }
    };
};
