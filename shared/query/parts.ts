import type { Calendar } from '../request/calendar.ts';
import type { Step } from '../request/steps.ts';

/** Parts of a local time that answers can be grouped by. */
export const PARTS = ['@hour', '@weekday', '@date', '@month'] as const;
export type Part = (typeof PARTS)[number];

/** Windows within which a part stays the same. */
export const stepOfPart = (part: Part): Step => (part === '@hour' ? '1h' : '1d');

/** The hour 0 to 23, the weekday from 1 (Monday) to 7, the date as YYYY-MM-DD, or the month 1 to 12 that the calendar shows at a time. */
export const partAt = (part: Part, ms: number, { offset }: Calendar): number | string => {
  const local = new Date(ms + offset(ms));
  if (part === '@hour') return local.getUTCHours();
  if (part === '@weekday') return ((local.getUTCDay() + 6) % 7) + 1;
  return part === '@date' ? local.toISOString().slice(0, 10) : local.getUTCMonth() + 1;
};
