const MOST_SHOWN = 3;
export interface Shown {
  readonly title: string;
  readonly more: string;
}
/** An event in a line: its first text, and a few more. */
export const inShort = (data: Readonly<Record<string, unknown>>): Shown => {
  const isTime = (value: string) => /^\d{4}-\d\d-\d\dT/.test(value);
  const texts = Object.values(data).filter((value): value is string => typeof value === 'string' && value !== '' && !isTime(value));
  return { title: texts[0] ?? '', more: texts.slice(1, 1 + MOST_SHOWN).join(' · ') };
};
