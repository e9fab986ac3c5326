import { randomBytes } from 'node:crypto';
import type { Pipeline } from '../shared/definition/define.ts';
import { type FeedPorts, liveFeed } from '../shared/live/feed.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import { LIVE_LIMITS, liveStreams } from './live-streams.ts';

export interface LivePorts extends Pick<FeedPorts, 'rowsOf'> {
  readonly pipeline: Pick<Pipeline, 'metrics'>;
  readonly telemetry: Pick<Telemetry, 'debug' | 'warn'>;
}

const clock = (): number => performance.now();
const after = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
};
const every = (ms: number, run: () => void): (() => void) => {
  const timer = setInterval(run, ms);
  timer.unref();
  return () => clearInterval(timer);
};

/** The live numbers of one host. */
export const liveHere = ({ pipeline, rowsOf, telemetry }: LivePorts) => {
  const feed = liveFeed({ pipeline, rowsOf, instance: randomBytes(6).toString('base64url'), clock, after, telemetry });
  return { feed, streams: liveStreams({ feed, metrics: Object.keys(pipeline.metrics), limits: LIVE_LIMITS, every, clock, telemetry }) };
};
