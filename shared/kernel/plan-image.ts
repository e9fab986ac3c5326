import type { PlannedMetric, PlannedType } from './plan.ts';

/** What is between the values of a stored event, as ingest writes it. */
const ENVELOPE = ['{"id":"', '","source":"', '","type":"', ',"subject":"', ',"time":"', '","data":{'];
const TIME_COLUMN = 0xffff_ffff;
const TEXT_WORDS = 2;
const TYPE_WORDS = 4;
const FIELD_WORDS = 5;

/** A plan as it is in the kernel's memory. */
export interface PlanImage {
  readonly bytes: Uint8Array;
  /** Where each metric's list of columns is. */
  readonly columnsAt: ReadonlyMap<PlannedMetric, number>;
}

/** @param at the address of the plan, whose form is in assembly/reading.ts. */
export const planImage = (types: readonly PlannedType[], at: number): PlanImage => {
  const words: number[] = [];
  const texts: Buffer[] = [];
  /** Words with the address of a text, which comes after all words. */
  const ofText: { readonly word: number; readonly offset: number }[] = [];
  let textBytes = 0;
  const text = (of: string): void => {
    const bytes = Buffer.from(of);
    ofText.push({ word: words.length, offset: textBytes });
    words.push(0, bytes.length);
    texts.push(bytes);
    textBytes += bytes.length;
  };
  for (const one of ENVELOPE) text(one);
  words.push(types.length, 0);
  const headWords = TEXT_WORDS * ENVELOPE.length + 2 + TYPE_WORDS * types.length;
  let fieldsAt = headWords;
  for (const { type, fields } of types) {
    text(`${type}"`);
    words.push(at + 4 * fieldsAt, fields.length);
    fieldsAt += FIELD_WORDS * fields.length;
  }
  for (const { name, read, column } of types.flatMap(({ fields }) => fields)) {
    text(`${JSON.stringify(name)}:`);
    words.push(read, column, 0);
  }
  const columnsAt = new Map<PlannedMetric, number>();
  for (const metric of types.flatMap(({ metrics }) => metrics)) {
    columnsAt.set(metric, at + 4 * words.length);
    words.push(...metric.columns.map((column) => (column === 'time' ? TIME_COLUMN : column)));
  }
  for (const { word, offset } of ofText) words[word] = at + 4 * words.length + offset;
  return { bytes: Buffer.concat([new Uint8Array(Uint32Array.from(words).buffer), ...texts]), columnsAt };
};
