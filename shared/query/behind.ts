import { readLook, wholeUntilOf } from '../batch/look.ts';
import { Problem } from '../request/problem.ts';
import { mayHaveExpired } from '../storage/cells-kept.ts';
import type { AnswerPorts, Cut } from './cut.ts';

const RETRY_SECONDS = 600;
const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * Refuses to answer if the batch layer is so far behind that cells which an answer needs may have expired. Where nothing came
 * since the generation's horizon, there are none to need.
 * @throws {Problem} 503
 */
export const demandCells = async (
  { store, clock, cellsKeptMs }: Pick<AnswerPorts, 'store' | 'clock' | 'cellsKeptMs'>,
  { generation, manifest }: Cut,
): Promise<void> => {
  if (generation === null || !mayHaveExpired(manifest.horizonMs, cellsKeptMs, clock())) return;
  const wholeUntilMs = wholeUntilOf(await readLook(store), generation, manifest.horizonMs);
  if (!mayHaveExpired(wholeUntilMs, cellsKeptMs, clock())) return;
  throw new Problem(
    503,
    'batch-behind',
    'The batch layer is too far behind',
    `Expected a generation of the last ${Math.round((cellsKeptMs ?? 0) / 86_400_000)} days, got ${generation} of ${iso(manifest.horizonMs)}: what the speed layer has counted since is no longer complete. Nothing is lost; answers return with the next generation. GET /generations says why there is none.`,
    { headers: { 'retry-after': String(RETRY_SECONDS) } },
  );
};
