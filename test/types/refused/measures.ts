import { count, distinct, first, max, mean, metric, min, quantiles, sum, top, uniques, variance } from 'twinstream';
import { edit, order } from '../events.ts';

// expect: "sum takes an integer, z.int(), or a decimal(scale); 'page' is text"
metric(edit, { measures: { x: sum(edit.page) } });
// expect: "sum takes an integer, z.int(), or a decimal(scale); 'score' is float"
metric(edit, { measures: { x: sum(edit.score) } });
// expect: "mean takes an integer, z.int(), or a decimal(scale); 'score' is float"
metric(edit, { measures: { x: mean(edit.score) } });
// expect: "mean takes an integer, z.int(), or a decimal(scale); 'isRobot' is boolean"
metric(edit, { measures: { x: mean(edit.isRobot, { scale: 2 }) } });
// expect: "min takes a number or text; 'isRobot' is boolean"
metric(edit, { measures: { x: min(edit.isRobot) } });
// expect: "max takes a number or text; 'geo' is object"
metric(edit, { measures: { x: max(edit.geo) } });
// expect: "uniques takes text, an integer or a boolean; 'score' is float"
metric(edit, { measures: { x: uniques(edit.score) } });
// expect: "uniques takes text, an integer or a boolean; 'geo' is object"
metric(edit, { measures: { x: uniques(edit.geo) } });
// expect: "quantiles takes a number; 'page' is text"
metric(edit, { measures: { x: quantiles(edit.page) } });
// expect: "top takes text, an integer or a boolean; 'price' is decimal"
metric(edit, { measures: { x: top(edit.price) } });
// expect: "first takes a simple value; 'geo' is object"
metric(edit, { measures: { x: first(edit.geo) } });
// expect: Property 'chanel' does not exist
metric(edit, { measures: { x: sum(edit.chanel) } });
// expect: Property 'contry' does not exist
metric(edit, { measures: { x: uniques(edit.geo.contry) } });
// expect: "measure 'x': sum reads 'price', a field of another event"
metric(edit, { measures: { x: sum(order.price) } });
// expect: "top takes a field, not text: write a field such as edit.page"
metric(edit, { measures: { x: top('page') } });
// expect: has no properties in common with type 'Where<never>'
metric(edit, { measures: { x: count(edit.page) } });
// expect: 'bins' does not exist in type 'QuantilesOptions<
metric(edit, { measures: { x: quantiles(edit.added, { bins: 3 }) } });
// expect: 'scales' does not exist in type 'ScaleOption & Where<never>'
metric(edit, { measures: { x: sum(edit.added, { scales: 3 }) } });
// expect: "measure 'a': write count()"
metric(edit, { measures: { a: count } });
// expect: "measure 'a': write sum(edit.page), with its field"
metric(edit, { measures: { a: sum } });
// expect: "measure 'a' takes a measure; 'added' is a field: write sum(…), uniques(…) or another measure of it"
metric(edit, { measures: { a: edit.added } });
// expect: "measure 'a' takes a measure such as count()"
metric(edit, { measures: { a: 'count' } });
// expect: "sum takes a field, not text: write a field such as edit.added"
metric(edit, { measures: { a: sum('added') } });
// expect: "uniques takes a field: write one such as edit.page"
metric(edit, { measures: { a: uniques(true) } });
// expect: "measure 'b': write count()"
metric(edit, { measures: { a: sum(edit.added), b: count } });
// expect: The left-hand side of an arithmetic operation must be of type 'any', 'number'
// expect: "sum takes a field, not a number: for arithmetic write mul(order.price, 2) and the like"
metric(edit, { measures: { a: sum(edit.price * 2) } });
// expect: "top: by takes a measure; 'added' is a field: write sum(…) of it"
metric(edit, { measures: { a: top(edit.page, { by: edit.added }) } });
// expect: "top: by takes sum(…) or count(), not mean"
metric(edit, { measures: { a: top(edit.page, { by: mean(edit.added) }) } });
// expect: measure 'a': top reads 'paid', a field of another event
metric(edit, { measures: { a: top(edit.page, { by: sum(edit.added, { where: order.paid }) }) } });
// expect: 'by' does not exist in type 'Where<never>'
metric(edit, { measures: { a: uniques(edit.page, { by: sum(edit.added) }) } });
// expect: "where takes a condition; 'added' is integer"
metric(edit, { measures: { x: count({ where: edit.added }) } });
// expect: sum reads 'paid', a field of another event
metric(edit, { measures: { x: sum(edit.added, { where: order.paid }) } });
// expect: "variance takes an integer, z.int(), or a decimal(scale); 'score' is float"
metric(edit, { measures: { x: variance(edit.score) } });
// expect: "distinct takes text, an integer or a boolean; 'price' is decimal"
metric(edit, { measures: { x: distinct(edit.price) } });
