import { totalmem } from 'node:os';

export const MB = 1024 ** 2;
/** The memory that this process may take: the machine's, or less in a container that may take less. */
export const machineBytes = (): number => {
  const limit = process.constrainedMemory();
  return limit === undefined || limit <= 0 ? totalmem() : Math.min(limit, totalmem());
};
