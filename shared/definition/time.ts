import { z } from 'zod';
import { expectedTime } from './time-hints.ts';
import { epochMs, isDecimal, likelyUnit, type TimeOptions, UNITS, writtenMs } from './written-times.ts';
import { zodDef } from './zod-def.ts';
import { isZone } from './zones.ts';

export type Time = z.ZodType<string, string | number>;

/**
 * A time in one of the usual notations, stored as UTC text with milliseconds: RFC 3339, offsets such as +0200, a space for
 * the T, no seconds; numbers by their unit; times without a zone by the zone of the clock that wrote them.
 * @example z.object({ at: time() })
 * @example z.object({ at: time({ unit: 's' }) }) // 1442018818.771
 * @example z.object({ at: time({ zone: 'Europe/Berlin' }) }) // 2015-09-12 02:46:58
 */
export const time = (options: TimeOptions = {}): Time => {
  const { unit, zone, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new RangeError(`time: Expected the options unit and zone, got '${unknown}'`);
  if (unit !== undefined && !UNITS.includes(unit)) throw new RangeError(`time: unit: Expected ${UNITS.join(', ')}, got '${unit}'`);
  if (zone !== undefined && !isZone(zone)) throw new RangeError(`time: zone: Expected an IANA time zone such as Europe/Berlin, got '${zone}'`);
  const expected = (value: unknown) => expectedTime(value, options);
  return z
    .union([z.string(), z.number()], { error: ({ input }) => expected(input) })
    .transform((value, context) => {
      const ms = readTime(value, options);
      if (ms !== null) return new Date(ms).toISOString();
      context.addIssue(expected(value));
      return z.NEVER;
    })
    .pipe(z.iso.datetime())
    .meta({ time: options, description: 'A time: RFC 3339 or a form near it.' });
};

/** Epoch milliseconds; null if the value is not a time, or is one of this century only in another unit. */
const readTime = (value: string | number, { unit, zone }: TimeOptions): number | null => {
  const text = String(value).trim();
  if (typeof value === 'number' || isDecimal(text)) {
    if (unit === undefined) return null;
    const likely = likelyUnit(text);
    return likely === null || likely === unit ? epochMs(text, unit) : null;
  }
  const ms = writtenMs(text, zone ?? null);
  return typeof ms === 'number' ? ms : null;
};

/** The options of a `time` schema, also if it is optional, nullable or has a default; null for any other schema. */
export const timeOptionsOf = (schema: z.ZodType): TimeOptions | null => {
  const found = schema.meta()?.time;
  if (typeof found === 'object' && found !== null) return found as TimeOptions;
  const { innerType } = zodDef(schema);
  return innerType === undefined ? null : timeOptionsOf(innerType);
};
