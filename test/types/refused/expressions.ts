import { add, and, coalesce, concat, div, eq, exists, gt, hourOf, in_, lookup, lower, lt, matches, mul, not, or, round, sum, urlHost, when } from 'twinstream';
import { z } from 'zod';
import { edit, named } from '../events.ts';

const country = lookup('country', { key: edit.user, fields: z.object({ name: z.string(), isIsland: z.boolean() }) });
// expect: "lookup takes text or an integer as its key; 'price' is decimal"
lookup('country', { key: edit.price });
// expect: Property 'nmae' does not exist on type
eq(country.nmae, 'x');
// expect: is not assignable to parameter of type
sum(country.name);
// expect: This condition will always return true since this
export const island = country.isIsland && edit.isRobot;

// expect: Argument of type '"yes"' is not assignable to parameter of type 'boolean
eq(edit.isRobot, 'yes');
// expect: Argument of type '"piad"' is not assignable
eq(edit.status, 'piad');
// expect: Argument of type 'number' is not assignable to parameter of type 'string
eq(edit.page, 5);
// expect: "a comparison takes a simple value; 'geo' is object"
eq(edit.geo, 'DE');
// expect: "a comparison takes a number or text; 'isRobot' is boolean"
gt(edit.isRobot, true);
// expect: is not assignable to parameter of type
lt(edit.added, edit.page);
// expect: Type '"closed"' is not assignable
in_(edit.status, ['open', 'closed']);
// expect: "exists takes a simple value; 'geo' is object"
exists(edit.geo);
// expect: "not takes a condition; 'page' is text"
not(edit.page);
// expect: "and takes conditions; 'page' is text"
and(edit.isRobot, edit.page);
// expect: "or takes conditions; 'added' is integer"
or(edit.added);
// expect: "and takes a field, not text: write a field such as edit.isRobot"
and('isRobot');
// expect: "and takes a field: write one such as edit.page"
and(edit.isRobot, true);
// expect: "a comparison takes a field, not text: write a field such as edit.page"
eq('page', 'x');
// expect: "lower takes a field, not a function: call it, as in lower(edit.page)"
lower(urlHost);
// expect: "exists takes a field: write one such as edit.page"
exists(edit);
// expect: This condition will always return true since this
const both = eq(edit.page, 'x') && gt(edit.added, 1);
// expect: This condition will always return true since this
const first = edit.isRobot && gt(edit.added, 1);
// expect: This condition will always return true since this
export const either = edit.isRobot ? both : first;
// expect: Type 'boolean' is not assignable to type 'Condition<"boolean isRobot">'
export const opposite: ReturnType<typeof not<typeof edit.isRobot>> = !edit.isRobot;
// expect: "lower takes text; 'score' is float"
lower(edit.score);
// expect: "urlHost takes text; 'added' is integer"
urlHost(edit.added);
// expect: "hourOf takes text; 'isRobot' is boolean"
hourOf(edit.isRobot);
// expect: Argument of type 'number' is not assignable to parameter of type 'string
coalesce(edit.page, 0);
// expect: Operator '>' cannot be applied
edit.added > 5;
// expect: Property 'isRobto' does not exist on type 'Edit'
named.isRobto;
// expect: "add takes a number; 'page' is text"
add(edit.page, 1);
// expect: "mul takes a number; 'page' is text"
mul(edit.price, edit.page);
// expect: "round takes a number; 'isRobot' is boolean"
round(edit.isRobot);
// expect: "concat takes text; 'added' is integer"
concat(edit.page, edit.added);
// expect: Argument of type 'RegExp' is not assignable to parameter of type 'string'
matches(edit.page, /^a/);
// expect: "when takes a condition first; 'page' is text"
when(edit.page, 1, 2);
// expect: "when takes two values of one kind; these are integer and text"
when(edit.isRobot, edit.added, 'none');
// expect: "sum takes an integer, z.int(), or a decimal(scale); this expression is float"
sum(div(edit.added, 3));
