import pipeline from '#pipeline';
import { cellStore, clock, eventLog, lake, settings } from '#platform';
import { generations } from '../shared/batch/generations.ts';
import { waitingWork } from '../shared/batch/next.ts';
import { once } from '../shared/platforms/once.ts';
import { answers } from '../shared/query/answer.ts';
import { metricId } from '../shared/storage/keys.ts';

const ports = once(() => ({ pipeline, store: cellStore(), log: eventLog(), lake: lake(), clock, cellsKeptMs: settings().cellsKeptMs }));
const layers = once(() => answers(ports()));

/** Whether the batch layer should run before its schedule: a generation was begun, or is requested and can begin, or a definition lacks its history. */
export const due = async (): Promise<boolean> => {
  const { begun, due: requested, backsOff } = await waitingWork(ports(), generations(ports().store));
  if (backsOff) return false;
  if (begun !== null || requested !== null) return true;
  const { stateOf } = await layers().readiness();
  return Object.values(pipeline.metrics).some((metric) => !stateOf(metricId(metric)).ready);
};
