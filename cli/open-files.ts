import { fail } from './command.ts';

/** The host's databases, threads and connections take some 100; each client takes one more. */
const MIN_OPEN_FILES = 256;
/** Before anything is loaded: a pipeline's packages are files too. */
export const checkOpenFiles = (): void => {
  if (process.report === undefined) return;
  const report = process.report as typeof process.report & { excludeNetwork: boolean };
  report.excludeNetwork = true;
  const { userLimits } = report.getReport() as { userLimits?: { open_files?: { soft: number | 'unlimited' } } };
  const soft = userLimits?.open_files?.soft ?? 'unlimited';
  if (soft !== 'unlimited' && soft < MIN_OPEN_FILES) fail(`Expected a limit of at least ${MIN_OPEN_FILES} open files, got ${soft}: ulimit -n 4096`);
};
