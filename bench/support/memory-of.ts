import { readFileSync } from 'node:fs';

/** What a process takes, in MB: at most (VmHWM), or now (VmRSS). See proc(5). */
export const memoryOf = (pid: number, field: 'VmHWM' | 'VmRSS'): number =>
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1_024;
