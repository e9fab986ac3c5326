import { serverNow } from '../state/session.ts';
import { useZone } from '../state/use-range.ts';
import { number } from '../words/numbers.ts';
import { about, moment } from '../words/times.ts';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
/** lastEditor → last editor */
export const fieldName = (name: string): string => name.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase();
export const isTime = (value: unknown): value is string => typeof value === 'string' && ISO.test(value);

/** A field of an entity or an event, as its kind is written. */
export const FieldValue = ({ value, isLong = false }: { readonly value: unknown; readonly isLong?: boolean }) => {
  const zone = useZone();
  if (value === null || value === undefined) return <span class="quiet">–</span>;
  if (typeof value === 'number') return <>{number(value)}</>;
  if (typeof value === 'boolean') return <>{value ? 'yes' : 'no'}</>;
  if (!isTime(value)) return <span dir="auto">{typeof value === 'string' ? value : JSON.stringify(value)}</span>;
  const ms = Date.parse(value);
  return (
    <>
      {moment(ms, zone, serverNow())}
      {isLong ? <small> {about(serverNow() - ms)} ago</small> : null}
    </>
  );
};
