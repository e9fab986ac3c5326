import { live } from '../../client/live.ts';
import { globals } from '../../client/transport.ts';

/** A server that is away; a wait of the client ends at once. */
const away = (answered: (attempt: number) => void) => {
  let attempts = 0;
  const open = async () => {
    answered(++attempts);
    return new Response('{}', { status: 503 });
  };
  const after = (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms > 40_000 ? ms : 0);
    return () => clearTimeout(timer);
  };
  return { open, around: { ...globals, after } };
};

test('a client that connects again and again leaves no listeners on its signal', async () => {
  const ends = new AbortController();
  const listeners = { now: 0, most: 0 };
  const { signal } = ends;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...given: Parameters<typeof add>) => {
    listeners.most = Math.max(listeners.most, ++listeners.now);
    add(...given);
  };
  signal.removeEventListener = (...given: Parameters<typeof remove>) => {
    listeners.now--;
    remove(...given);
  };
  const { open, around } = away((attempt) => attempt === 20 && ends.abort(new Error('enough')));
  await expect(live(open, ['edits'], signal, { firstMs: 1, maxMs: 10 }, around).next()).rejects.toThrow('enough');
  expect(listeners).toEqual({ now: 0, most: 1 });
});
