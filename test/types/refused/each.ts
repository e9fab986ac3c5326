import { and, count, each, entity, gt, latest, metric, mul, sum, top, uniques } from 'twinstream';
import { basket, edit, order } from '../events.ts';

// expect: "measure 'x': sum reads the items of 'items': write metric(each(…items), …)"
metric(basket, { measures: { x: sum(basket.items.price) } });
// expect: "dimension 'sku' reads the items of 'items': write metric(each(…items), …)"
metric(basket, { dimensions: { sku: basket.items.sku }, measures: { x: count() } });
// expect: "measure 'x': latest reads the items of 'tags': write metric(each(…tags), …)"
metric(edit, { measures: { x: latest(edit.tags) } });
// expect: "where reads the items of 'items': write metric(each(…items), …)"
metric(basket, { measures: { x: count() }, where: gt(basket.items.quantity, 1) });
// expect: "where reads the items of 'flags': write metric(each(…flags), …)"
metric(basket, { measures: { x: count() }, where: and(basket.flags, gt(basket.country, 'a')) });
// expect: "measure 'x': sum reads the items of 'codes': write metric(each(…codes), …), for one array in a metric"
metric(each(basket.items), { measures: { x: sum(basket.codes) } });
// expect: "measure 'x': sum reads 'price', a field of another event"
metric(each(basket.items), { measures: { x: sum(order.price) } });
// expect: "dimension 'price' takes text, an integer or a boolean; 'items[].price' is decimal"
metric(each(basket.items), { dimensions: { price: basket.items.price }, measures: { x: count() } });
// expect: Property 'prize' does not exist
metric(each(basket.items), { measures: { x: sum(basket.items.prize) } });
// expect: "each takes an array of the event; 'country' is text"
metric(each(basket.country), { measures: { x: count() } });
// expect: "each takes an array of the event; 'pairs' is other"
metric(each(basket.pairs), { measures: { x: count() } });
// expect: "each takes an array of the event; 'items[].options' is array"
metric(each(basket.items.options), { measures: { x: count() } });
// expect: "each takes an array, not text: write a field such as edit.items"
metric(each('items'), { measures: { x: count() } });
// expect: "uniques takes text, an integer or a boolean; 'items[].options' is array"
metric(each(basket.items), { measures: { x: uniques(basket.items.options) } });
// expect: "top takes text, an integer or a boolean; 'items[]' is object"
metric(each(basket.items), { measures: { x: top(basket.items) } });
// expect: "measure 'x': sum reads the items of 'items': write metric(each(…items), …)"
entity(basket, { key: basket.country, fields: { x: sum(mul(basket.items.price, basket.items.quantity)) } });
// expect: "key reads the items of 'items': write metric(each(…items), …)"
entity(basket, { key: basket.items.sku, fields: { n: count() } });
// expect: is not assignable to parameter of type 'Event<
entity(each(basket.items), { key: basket.country, fields: { n: count() } });
