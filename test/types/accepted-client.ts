// What must compile of a client. Every line is one that a user may write; the compiler is the test.
import { type Answer, type Client, createClient, type Status } from 'twinstream/client';
import type { z } from 'zod';
import type wikipedia from '../../pipeline.ts';
import type { ANSWER } from '../../shared/api/schemas.ts';
import type { Status as AnsweredStatus } from '../../shared/query/status-schema.ts';
import type orders from '../support/orders.ts';
import type { accepted } from './accepted.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => {};

export const client = createClient<typeof wikipedia>('https://events.example.com', { token: 'abc' });
const sales = createClient<typeof orders>('/api');
const other: Client<typeof accepted> = createClient('https://events.example.com', { batch: { events: 10 }, retry: { forMs: 1_000 } });

/** What the server answers is what the client says. */
export const statusIs = (answered: AnsweredStatus): Status => answered;
type Writable<T> = { -readonly [K in keyof T]: Writable<T[K]> };
export const statusSays = (said: Status): AnsweredStatus => said as Writable<Status>;

export const asked = async (): Promise<void> => {
  const every = await client.ask('edits');
  same<
    (typeof every)['rows'][number],
    {
      readonly window: string;
      readonly edits: number;
      readonly added: number | null;
      readonly deleted: number | null;
      readonly editors: number;
      readonly size: { readonly p50: number | null; readonly p90: number | null; readonly p99: number | null };
      readonly pages: readonly { readonly value: string; readonly count: number }[];
    }
  >(true);

  const some = await client.ask('edits', {
    from: '-7d',
    to: new Date(),
    every: '1d',
    by: ['channel', 'robot'],
    measures: ['edits', 'pages'],
    filter: { channel: ['#en.wikipedia', '#de.wikipedia'], robot: false },
    order: ['-edits', 'window', '-channel'],
    limit: 10,
    tz: 'Europe/Berlin',
  });
  same<
    (typeof some)['rows'][number],
    {
      readonly window: string;
      readonly channel: string | null;
      readonly robot: boolean | null;
      readonly edits: number;
      readonly pages: readonly { readonly value: string; readonly count: number }[];
    }
  >(true);

  const loose: readonly ('channel' | 'robot')[] = [];
  const unsure = await client.ask('edits', { by: loose, measures: ['edits'] });
  same<(typeof unsure)['rows'][number], { readonly window: string; readonly channel?: string | null; readonly robot?: boolean | null; readonly edits: number }>(
    true,
  );

  const orderly = await sales.ask('sales', {
    by: ['hour', 'country'],
    measures: ['largest', 'weight', 'coupons'],
    filter: { hour: [9, 10] },
    order: '-largest',
  });
  same<
    (typeof orderly)['rows'][number],
    {
      readonly window: string;
      readonly hour: number | null;
      readonly country: string | null;
      readonly largest: number | null;
      readonly weight: number | null;
      readonly coupons: readonly { readonly value: string; readonly count: number }[];
    }
  >(true);

  const all = await other.ask('all', { measures: ['sizes', 'last', 'earliest', 'least'] });
  same<
    (typeof all)['rows'][number],
    {
      readonly window: string;
      readonly sizes: { readonly p50: number | null; readonly 'p99.9': number | null };
      readonly last: boolean | null;
      readonly earliest: string | null;
      readonly least: string | null;
    }
  >(true);
};

export const sent = async (): Promise<void> => {
  // Fields with a default may be missing, nullable ones may be null.
  await sales.send('order', {
    placedAt: '2026-11-21T10:00:00Z',
    orderId: '1',
    status: 'paid',
    price: 9.99,
    items: 1,
    weight: null,
    coupon: null,
    customer: { id: 'c', email: 'c@example.com' },
  });
  await other.send('order', [
    { at: 1, price: 2, page: 3, paid: true },
    { at: 2, price: 2, page: 3, paid: false },
  ]);
  await client.flush();
  await client.close();
};

/** What the server's own schema says of an answer. */
export const answer = (of: z.infer<typeof ANSWER>): Answer<{ readonly window: string }> => of;
