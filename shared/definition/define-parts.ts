import type { z } from 'zod';
import { isMeasure, type MeasureKind } from '../measures/measure.ts';
import { measureKind, registry } from '../measures/registry.ts';
import type { ItemsOf, MeasureDefinition, Node, Ranking } from './definition.ts';
import { scaleOfMeasure } from './definition.ts';
import { EXPRESSION, isExpression, type Meaning, nameOf } from './expression.ts';
import { shapeOf } from './kinds.ts';
import { type EventIdentity, explains, listed, type Mistake, nearest, notAField, shown } from './mistakes.ts';

/** A pipeline that cannot work. The message names the place, what was expected, what was found, and the fix. */
export class DefinitionError extends Error {
  override readonly name = 'DefinitionError';
}

export const refuse = (where: string, what: string, fix: string): never => {
  throw new DefinitionError(`${where}: ${what}. Fix: ${fix}.`);
};

export const refuseUnknown = (where: string, given: readonly string[], known: readonly string[]): void => {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const meant = nearest(unknown, known);
  refuse(where, `Expected ${known.slice(0, -1).join(', ')} or ${known.at(-1)}, got '${unknown}'`, meant === null ? 'leave it out' : `write ${meant}`);
};

/** The event of a metric or an entity, by the name that the pipeline gives it. */
export interface Owner {
  readonly name: string;
  readonly event: EventIdentity;
  /** The array whose items a metric counts; null for the events themselves. */
  readonly each: ItemsOf | null;
}

/** A field for error texts; the first field is usually the time, so the second is taken. */
export const exampleOf = ({ event: { fields } }: Owner): string => fields[1] ?? fields[0] ?? 'field';

const refuseMistake = (where: string, mistake: Mistake, owner: Owner): never => {
  const { what, fix } = mistake(owner.name, exampleOf(owner));
  return refuse(where, what, fix);
};

/** The node of something that must be an expression of the owner's fields. */
export const ownNode = (where: string, given: unknown, owner: Owner): Node =>
  isExpression(given)
    ? meant(where, given[EXPRESSION], owner)
    : refuseMistake(
        where,
        isMeasure(given)
          ? (event, example) => ({
              what: `Expected a field or an expression, got the measure ${given.measure}`,
              fix: `write a field such as ${event}.${example}`,
            })
          : notAField('', given, explains(given, owner.event.slips)),
        owner,
      );

const meant = (where: string, meaning: Meaning, owner: Owner): Node => {
  if ('mistake' in meaning) return refuseMistake(where, meaning.mistake, owner);
  if (meaning.event !== owner.event) refuse(where, `${nameOf(meaning.node)} belongs to another event`, `take a field of ${owner.name}`);
  checkPaths(where, meaning.node);
  checkItems(where, meaning.node, owner);
  return meaning.node;
};

/** Refuses the items of any array but the one that the metric counts. */
const checkItems = (where: string, node: Node, owner: Owner): void => {
  if ('args' in node) for (const arg of node.args) checkItems(where, arg, owner);
  if (node.op !== 'item' || owner.each?.path.join('\0') === node.of.join('\0')) return;
  const array = node.of.join('.');
  if (owner.each === null)
    refuse(
      where,
      `Expected a field of the event, ${nameOf(node)} is of an array's items`,
      `count them in a metric of their own: metric(each(${owner.name}.${array}), { … })`,
    );
  else
    refuse(
      where,
      `Expected items of '${owner.each.path.join('.')}', ${nameOf(node)} is of another array's`,
      `count it in a metric of its own: metric(each(${owner.name}.${array}), { … })`,
    );
};

const FIELD = /^[^"'\\*\p{Cc}\p{Cs}]{1,128}$/u;
const checkPaths = (where: string, node: Node): void => {
  if ('args' in node) for (const arg of node.args) checkPaths(where, arg);
  if (node.op !== 'field' && node.op !== 'item') return;
  for (const name of node.op === 'item' ? [...node.of, ...node.path] : node.path)
    if (!FIELD.test(name) || name === '__proto__')
      refuse(where, `Expected a field name without quotes, backslashes, * and control characters, got ${JSON.stringify(name)}`, 'rename the field');
};

export const condition = (where: string, given: unknown, owner: Owner): Node => {
  const node = ownNode(where, given, owner);
  if (node.kind !== 'boolean') refuse(where, `Expected a condition, ${nameOf(node)} is ${node.kind}`, `write one such as eq(${pathOf(node, owner)}, …)`);
  return node;
};
const pathOf = (node: Node, owner: Owner): string => (node.op === 'field' ? [owner.name, ...node.path] : [owner.name, exampleOf(owner)]).join('.');

const FIXES: Readonly<Record<string, string>> = {
  float: 'write z.int() for whole numbers or decimal(2) in the schema',
  other: 'give the schema a simple type: a bare transform has none, .pipe(z.int()) or .pipe(z.string()) gives it one',
  object: 'name one of its fields',
  array: 'count its items in a metric of their own: metric(each(…), { … })',
};

export const measureDefinition = (where: string, name: string, used: unknown, owner: Owner): MeasureDefinition => {
  if (!isMeasure(used) || !registry.some((known) => known.name === used.measure)) return refuse(where, ...noMeasure(used, owner));
  const kind = measureKind(used.measure);
  const of = used.of === null ? null : meant(where, used.of, owner);
  const fieldKind = of?.kind ?? null;
  if (kind.takes !== null && (fieldKind === null || !kind.takes.kinds.includes(fieldKind)))
    refuse(
      where,
      `${kind.name} takes ${kind.takes.words}; ${of === null ? 'nothing was given' : `${nameOf(of)} is ${fieldKind}`}`,
      FIXES[fieldKind ?? ''] ?? 'take another field, or change its schema',
    );
  const options = kind.options.safeParse(used.options);
  if (!options.success) return refuse(where, ...wrongOption(kind.name, kind.options, used.options, options.error.issues[0]));
  const refusal = kind.refuses?.({ kind: fieldKind, scale: scaleOfMeasure(of, used.options), options: options.data }) ?? null;
  if (refusal !== null) refuse(where, `${kind.name}: ${of === null ? '' : `${nameOf(of)} is ${fieldKind}; `}${refusal.what}`, refusal.fix);
  const by = used.by === undefined ? null : rankingOf(where, kind, used.by, owner);
  return { name, measure: kind.name, of, options: used.options, ...(by === null ? {} : { by }) };
};

/** What values are ranked by; null for their counts. */
const rankingOf = (where: string, { name }: MeasureKind, by: unknown, owner: Owner): Ranking | null => {
  if (isMeasure(by) && by.measure === 'count' && by.of === null) return null;
  if (isMeasure(by) && by.measure === 'count') return refuse(where, `${name}: by: Expected count() without a condition`, 'write { where } beside by');
  if (!isMeasure(by) || by.measure !== 'sum') {
    const meaning = isExpression(by) ? by[EXPRESSION] : null;
    const got = isMeasure(by) ? `${by.measure}(…)` : meaning !== null && 'node' in meaning ? nameOf(meaning.node) : shown(by);
    return refuse(where, `${name}: by: Expected sum(…) or count(), got ${got}`, 'write one such as { by: sum(order.price) }');
  }
  const { of, options } = measureDefinition(`${where}, by`, '', by, owner);
  return of === null ? null : { measure: 'sum', of, options };
};

const noMeasure = (used: unknown, owner: Owner): [what: string, fix: string] => {
  const names = registry.map((known) => known.name);
  const call = (name: string) => (name === 'count' ? 'write count()' : `write ${name}(${owner.name}.${exampleOf(owner)}), with its field`);
  if (isExpression(used)) {
    const meaning = used[EXPRESSION];
    const [name, path] = 'mistake' in meaning ? ['an expression', `${owner.name}.${exampleOf(owner)}`] : [nameOf(meaning.node), pathOf(meaning.node, owner)];
    return [`Expected a measure such as count(), got ${name}`, `write what to compute of it, such as uniques(${path})`];
  }
  const named = typeof used === 'function' ? used.name : used;
  const known = typeof named === 'string' && names.includes(named) ? named : null;
  return [`Expected a measure such as count(), got ${shown(used)}`, known === null ? `take one of ${names.join(', ')}` : call(known)];
};

const wrongOption = (
  measure: string,
  schema: z.ZodType,
  given: Readonly<Record<string, unknown>>,
  issue: z.core.$ZodIssue | undefined,
): [what: string, fix: string] => {
  const shape = shapeOf(schema) ?? {};
  const names = Object.keys(shape);
  if (issue?.code === 'unrecognized_keys') {
    const [typed = ''] = issue.keys;
    const meant = nearest(typed, names);
    const known = names.map((name) => `${name} (${metaOf(shape[name]).description})`).join(' and ');
    return [
      `${measure}: Expected ${names.length === 0 ? 'no options' : `the options ${listed(names)}`}, got '${typed}'`,
      meant !== null ? `write ${meant}` : names.length === 0 ? 'leave it out' : `leave it out; ${measure} takes ${known}`,
    ];
  }
  const option = String(issue?.path[0] ?? '');
  const { description, example } = metaOf(shape[option]);
  return [`${measure}: ${option}: Expected ${description}, got ${shown(given[option])}`, `write it as in { ${option}: ${example} }`];
};
const metaOf = (schema: z.ZodType | undefined): { description: string; example: string } => {
  const { description = 'another value', example = '…' } = schema?.meta() ?? {};
  return { description, example: String(example) };
};

/** Refuses expressions and measures that were made from an event and then dropped. */
export const refuseUnused = (owner: Owner): void => {
  const [dropped] = owner.event.unused;
  if (dropped === undefined) return;
  const where = `event '${owner.name}'`;
  const meaning = isExpression(dropped) ? dropped[EXPRESSION] : isMeasure(dropped) ? dropped.of : null;
  if (meaning === null) return;
  if ('mistake' in meaning) refuseMistake(where, meaning.mistake, owner);
  else
    refuse(
      where,
      `${isMeasure(dropped) ? `${dropped.measure}(${nameOf(meaning.node)})` : nameOf(meaning.node)} was made, but is part of no metric and no entity`,
      'write and(a, b), or(a, b), not(a) where && || ! ?: are, and drop what is not needed',
    );
};
