import { recompute } from '../../functions/recompute.ts';
import type { Generation } from '../../shared/batch/generations.ts';
import type { RecomputePorts } from '../../shared/batch/recompute-ports.ts';

// Runs of the batch layer that start one another: how the chain goes on, and ends.

const context = { getRemainingTimeInMillis: () => 900_000 };
/** A run whose work ends so, called with this event: what it starts, and what it warns of. */
const runOf = async (state: Generation['state'] | null, event: unknown) => {
  const started: number[] = [];
  const warned: string[] = [];
  const telemetry = { warn: (message: string) => warned.push(message) } as unknown as RecomputePorts['telemetry'];
  const alone = (async () => (state === null ? null : { id: 'g000001', state })) as unknown as Parameters<typeof recompute>[0]['alone'];
  await recompute({ telemetry, alone, startRecompute: async (depth) => void started.push(depth) } as Parameters<typeof recompute>[0])(event, context);
  return { started, warned: warned.length };
};

test.each<[string, Generation['state'] | null, unknown, number[]]>([
  ['a schedule starts a chain while there is work', 'published', { source: 'aws.events', time: '2026-11-21T10:00:00Z' }, [1]],
  ['nothing at all, too', 'running', null, [1]],
  ['a run goes on with the chain', 'published', { depth: 7 }, [8]],
  ['nothing is left to do', null, { depth: 7 }, []],
  ['a failure waits for the schedule', 'failed', { depth: 7 }, []],
])('given that %s', async (_, state, event, started) => {
  expect(await runOf(state, event)).toEqual({ started, warned: 0 });
});

test('given a chain without end, then it ends with a warning, and the schedule continues', async () => {
  expect(await runOf('published', { depth: 199 })).toEqual({ started: [], warned: 1 });
});
