/**
 * What is wrong with an expression or a measure, kept until the pipeline is checked: only then is it known which metric and
 * which measure it belongs to. Takes the name that the pipeline gives the event, and one of its fields as an example.
 */
export type Mistake = (event: string, example: string) => { readonly what: string; readonly fix: string };

/**
 * A mistake in the use of an event that JavaScript does not report: a field that does not exist, or an operator on an expression.
 * It has no effect by itself. When an expression then gets undefined, NaN or false, it explains where that came from.
 */
export type Slip =
  | { readonly kind: 'missing'; readonly name: string; readonly path: readonly string[]; readonly fields: readonly string[] }
  | { readonly kind: 'operator'; readonly on: string };
/** Identifies an event type, and knows which expressions and measures made from it are still unused. */
export interface EventIdentity {
  readonly fields: readonly string[];
  readonly unused: Set<object>;
  readonly slips: Slip[];
}

const MAX_SLIPS = 100;
let latest: { readonly slip: Slip; readonly event: EventIdentity } | null = null;

export const noteSlip = (event: EventIdentity, slip: Slip): void => {
  if (event.slips.length < MAX_SLIPS) event.slips.push(slip);
  latest = { slip, event };
};
/** Call this when an existing field was read: an earlier slip then explains nothing that follows. */
export const forgetSlip = (): void => {
  latest = null;
};
/** The slip in the argument list that is being evaluated. */
export const latestSlip = (): typeof latest => latest;

/** Optimal string alignment distance (Damerau and Levenshtein, neighbours swapped at most once). */
const distance = (a: string, b: string): number => {
  let [before, row]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      next.push(least);
    }
    [before, row] = [row, next];
  }
  return row[b.length] ?? 0;
};
/** The name that was probably meant: at most a third of its letters differ. */
export const nearest = (typed: string, names: readonly string[]): string | null => {
  const [best] = names.map((name) => ({ name, off: distance(typed.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.off - b.off);
  return best !== undefined && best.off <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : null;
};

const MAX_NAMES = 24;
export const listed = (names: readonly string[]): string => (names.length > MAX_NAMES ? [...names.slice(0, MAX_NAMES), '…'] : names).join(', ');

/** A value as its user typed it, as far as that can be known. */
export const shown = (value: unknown): string => {
  if (typeof value === 'function') return value.name === '' ? 'a function' : `the function ${value.name}`;
  if (typeof value === 'string' || (typeof value === 'object' && value !== null)) {
    const text = jsonOf(value);
    return text.length > 100 ? `${text.slice(0, 100)}…` : text;
  }
  return String(value);
};
const jsonOf = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? 'an object';
  } catch {
    return 'an object';
  }
};

/** The slip that explains a value that is not an expression: the latest one of its argument list, else the likeliest of its event. */
export const explains = (value: unknown, slips: readonly Slip[]): Slip | null => {
  const kind = value === undefined ? 'missing' : ['number', 'string', 'boolean'].includes(typeof value) ? 'operator' : null;
  const found = slips.filter((slip) => slip.kind === kind);
  return found.findLast((slip) => slip.kind === 'missing' && nearest(slip.name, slip.fields) !== null) ?? found.at(-1) ?? null;
};

const OPERATORS = 'write gt, gte, lt, lte and eq for comparisons, and(a, b), or(a, b), not(a) for && || !';
const ARITHMETIC = 'write add, sub, mul or div for + - * /: metrics run as SQL too, which has no JavaScript operators';

/** Why a value is neither a field nor an expression. `before` names the function that got it. */
export const notAField =
  (before: string, value: unknown, slip: Slip | null): Mistake =>
  (event, example) => {
    const expected = `${before}Expected a field or an expression, got ${shown(value)}`;
    if (slip?.kind === 'missing') {
      const { name, path, fields } = slip;
      const meant = nearest(name, fields);
      const at = (field: string) => [event, ...path, field].join('.');
      return {
        what: `${expected}: ${[event, ...path].join('.')} has no field '${name}', it has ${listed(fields)}`,
        fix: meant === null ? 'take one of these' : `write ${at(meant)}`,
      };
    }
    if (slip?.kind === 'operator')
      return { what: `${expected}, which a JavaScript operator made of ${slip.on}`, fix: typeof value === 'boolean' ? OPERATORS : ARITHMETIC };
    if (typeof value === 'boolean') return { what: expected, fix: `${OPERATORS}, and eq for ===` };
    if (typeof value === 'function') return { what: expected, fix: `call it, as in ${value.name === '' ? 'lower' : value.name}(${event}.${example})` };
    const name = typeof value === 'string' && /^[\w.]+$/.test(value) ? value : null;
    return { what: expected, fix: `write a field such as ${event}.${name ?? example}${name === null ? '' : ', without quotes'}` };
  };
