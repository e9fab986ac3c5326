import { count, entity, event, gt, latest, lower, metric, not, sum } from 'twinstream';
import { z } from 'zod';
import { edit, named, order } from '../events.ts';

// expect: Cannot find name 'edti'
metric(edti, { measures: { x: count() } });
// expect: "dimension 'c' takes text, an integer or a boolean; 'score' is float"
metric(edit, { dimensions: { c: edit.score }, measures: { x: count() } });
// expect: "dimension 'c' takes text, an integer or a boolean; 'price' is decimal"
metric(edit, { dimensions: { c: edit.price }, measures: { x: count() } });
// expect: "dimension 'c' reads 'page', a field of another event"
metric(edit, { dimensions: { c: order.page }, measures: { x: count() } });
// expect: "where reads 'paid', a field of another event"
metric(edit, { measures: { x: count() }, where: order.paid });
// expect: "where takes a condition; this expression is text"
metric(edit, { measures: { x: count() }, where: lower(edit.page) });
// expect: "where takes a condition; 'added' is integer"
metric(edit, { measures: { x: count() }, where: edit.added });
// expect: 'wher' does not exist in type
metric(edit, { measures: { x: count() }, wher: not(edit.isRobot) });
// expect: Type '"2m"' is not assignable to type '"15m" | "1h" | "1m" | "5m"'
metric(edit, { window: '2m', measures: { x: count() } });
// expect: Property 'measures' is missing
metric(edit, { dimensions: {} });
// expect: Type '"n"' is not assignable to type '"title"'
entity(edit, { key: edit.page, fields: { title: latest(edit.page), n: count() }, search: ['title', 'n'] });
// expect: "sum takes an integer, z.int(), or a decimal(scale); 'page' is text"
entity(edit, { key: edit.page, fields: { title: sum(edit.page) } });
// expect: "key reads 'page', a field of another event"
entity(edit, { key: order.page, fields: { n: count() } });
// expect: "tombstone takes a condition; 'page' is text"
entity(edit, { key: edit.page, fields: { n: count() }, tombstone: edit.page });
// expect: "tombstone reads 'paid', a field of another event"
entity(edit, { key: edit.page, fields: { n: count() }, tombstone: order.paid });
// expect: Type '"a"' is not assignable to type '"b"'
event(z.object({ a: z.boolean(), b: z.string() }), { time: 'a' });
// expect: Property 'time' is missing
event(z.object({ a: z.string() }), {});
// expect: Type '"n"' is not assignable to type '"at"'
event(z.object({ at: z.string(), n: z.int() }), { time: 'at', subject: 'n' });
// expect: "dimension 'c' takes a field, not text: write a field such as edit.page"
metric(edit, { dimensions: { c: 'page' }, measures: { x: count() } });
// expect: "where takes a condition such as eq(edit.page, 'x'), not JavaScript's === < > ! && ||"
metric(edit, { measures: { x: count() }, where: true });
// expect: "where reads 'price', a field of another event"
metric(edit, { measures: { x: count() }, where: gt(order.price, 1) });
// expect: "key takes a field, not text: write a field such as edit.page"
entity(edit, { key: 'page', fields: { n: count() } });
// expect: "measure 'n': write count()"
entity(edit, { key: edit.page, fields: { n: count } });
// expect: Property 'pgae' does not exist on type 'Edit'
metric(named, { measures: { x: sum(named.pgae) } });
