import { totalmem } from 'node:os';

export const MB = 1024 ** 2;
/** The memory available to this process: the machine's, or less in a container with a limit. */
export const machineBytes = (): number => {
  const limit = process.constrainedMemory();
  return limit === undefined || limit <= 0 ? totalmem() : Math.min(limit, totalmem());
};
