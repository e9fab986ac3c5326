import { startTwinstream } from 'twinstream/testing';
import orders from '../../support/orders.ts';

const app = await startTwinstream(orders);
const order = { placedAt: '', orderId: 'o1', status: 'paid', price: 19.9, items: 1, weight: null, customer: { id: 'c1', email: '' } } as const;

// expect: Argument of type '"orders"' is not assignable to parameter of type '"order"'
app.send('orders', order);
// expect: Type 'string' is not assignable to type 'number'
app.send('order', { ...order, price: '19.90' });
// expect: Type '"shipped"' is not assignable to type '"cancelled" | "paid" | "placed"'
app.send('order', { ...order, status: 'shipped' });
// expect: Type 'string' is not assignable to type 'number'
app.send('order', [order, { ...order, items: '1' }]);
// expect: 'allowRejection' does not exist in type
app.send('order', order, { allowRejection: true });
// expect: Argument of type '"sale"' is not assignable to parameter of type '"free" | "sales"'
app.ask('sale');
// expect: Type '"region"' is not assignable to type '"country" | "hour" | "site"
app.ask('sales', { by: ['region'] });
// expect: Property 'turnover' does not exist on type '{ readonly window: string; readonly orders: number; }'
app.ask('sales', { measures: ['orders'] }).then(({ rows }) => rows[0]?.turnover);
// expect: 'words' does not exist in type 'SearchQuestion'
app.search('customer', { words: 'a' });
// expect: 'generation' is possibly 'null'
app.recompute().then((generation) => generation.drift);
// expect: 'customer' is possibly 'null'
app.entity('customer', 'c1').then((customer) => customer.orders);
// expect: No overload matches this call
startTwinstream(orders, { clock: new Date() });
// expect: No overload matches this call
startTwinstream(orders, { env: { SHARDS: '2' } });
// expect: No overload matches this call
startTwinstream('./pipeline.ts');
