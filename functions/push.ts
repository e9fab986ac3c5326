import pipeline from '#pipeline';
import { cellStore, clock, eventLog, lake, liveConnections, livePost, onLambda, settings, telemetry } from '#platform';
import { keysFromDynamodb } from '../shared/adapters/aws/dynamodb-keys.ts';
import { type PushPorts, pushChanges } from '../shared/live/push.ts';
import { bind as liveRows } from './live-rows.ts';

/** The consumer of the cell store's change stream: sends the rows of windows that changed to those who follow them. */
export const push = (ports: PushPorts) => pushChanges(ports);

export const handler = onLambda(() => {
  const [connections, post] = [liveConnections(), livePost()];
  if (connections === null || post === null) throw new RangeError('Expected a stage with live: true, got one without connections');
  const send = push({ pipeline, rowsOf: liveRows(pipeline, { cellStore, clock, eventLog, lake, settings }), connections, post, clock, telemetry: telemetry() });
  return async (event: Parameters<typeof keysFromDynamodb>[0], context) => send(keysFromDynamodb(event), context);
});
