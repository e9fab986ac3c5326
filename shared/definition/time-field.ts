import type { z } from 'zod';
import { canonicalTime } from './times.ts';
import { zodDef } from './zod-def.ts';

/** Sample times for the schema of a time field: from several years, in every form that is stored as a time. */
const PROBES: readonly unknown[] = [1969, 1985, 1999, 2000, 2013, 2015, 2020, 2024, 2025, 2026, 2027, 2030, 2050].flatMap((year) => {
  const at = `${year}-07-12`;
  return [
    ...['T10:30Z', 'T10:30:15Z', 'T10:30:15.1Z', 'T10:30:15.123Z', 'T10:30:15.123456Z', 'T10:30:15.123456789Z', 'T10:30+02:00', 'T10:30:15+0200'].map(
      (rest) => at + rest,
    ),
    ...['T10:30:15+02:00', 'T10:30:15.123+02:00', 'T10:30:15.123456+02:00', ' 10:30:15Z', ' 10:30:15+02:00'].map((rest) => at + rest),
    Date.parse(at),
    Date.parse(`${at}T10:30:15.123Z`),
  ];
});

/**
 * Whether no event of this schema can have a time: it accepts none of the probes, and has no custom rule that may merely
 * reject these.
 */
export const isTimeless = (schema: z.ZodType): boolean => !hasOwnRules(schema) && !PROBES.some((probe) => givesTime(schema, probe));

const givesTime = (schema: z.ZodType, probe: unknown): boolean => {
  try {
    const result = schema.safeParse(probe);
    return result.success && canonicalTime(result.data) !== null;
  } catch {
    return false;
  }
};

/** Functions and patterns: what they accept cannot be known. */
const hasOwnRules = (schema: z.ZodType): boolean => {
  const { type, innerType, in: from, out, options, checks = [] } = zodDef(schema);
  if (['transform', 'custom', 'lazy', 'template_literal'].includes(type)) return true;
  if (checks.some(({ _zod: { def } }) => def.check === 'custom' || def.format === 'regex' || def.check === 'overwrite')) return true;
  return [innerType, from, out, ...(options ?? [])].some((inner) => inner !== undefined && hasOwnRules(inner));
};
