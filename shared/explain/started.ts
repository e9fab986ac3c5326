import { createHash } from 'node:crypto';
import type { Started } from '../ports/sql-engine.ts';
import type { CallContext } from '../request/http.ts';
import type { ExplainPorts } from './ports.ts';

const PARTITION = 'explain';
/** How long the results of a statement are taken up again. */
const KEPT_MS = 3_600_000;
/** An engine leaves a statement while there is time to note where it is; a call that answers needs less than a run. */
const SPARE_MS = 15_000;

/** Statements that go on after their call, by their text: the same call again waits for the same one, and does not begin another. */
export const startedStatements = ({ store, clock }: Pick<ExplainPorts, 'store' | 'clock'>) => {
  return async (sql: string, context: CallContext): Promise<Started> => {
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
};
