import type { Ledger } from './ledger.ts';
import type { Limits } from './limits.ts';
import { EVENT_BYTES, type Stage } from './stage.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A handler as Lambda calls it. */
export type Handler = (event: never, context: never) => Promise<unknown>;

export interface LambdaOptions {
  readonly stage: Stage;
  readonly ledger: Ledger;
  readonly limits: Limits;
  readonly time: VirtualTime;
  /** Lines that functions have logged since it was last asked. */
  readonly takeLines: () => readonly string[];
}

/** docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: a synchronous request or answer. */
const MAX_PAYLOAD_BYTES = 6_291_556;
/** One whole vCPU (docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html). */
const MB_OF_A_CPU = 1_769;
export const GB = 1_073_741_824;

/** Which item of the bill a function's time belongs to. */
export const itemOfFunction = (name: string): string => {
  if (name === 'authorize') return 'API';
  if (name === 'push') return 'live';
  if (name === 'materialize') return 'entities: materialize';
  return name === 'recompute' || name === 'heartbeat' ? 'batch layer' : name;
};

/** Calls functions as Lambda does, and counts what it bills. The time is the CPU's, measured here, and what the function waited for. */
export const lambda = ({ stage, ledger, limits, time, takeLines }: LambdaOptions) => {
  /** Metrics that were written in the embedded format. */
  const metrics = new Set<string>();

  const countLogs = (name: string): void => {
    let bytes = stage.platformLogBytes;
    for (const line of takeLines()) {
      bytes += Buffer.byteLength(line) + EVENT_BYTES;
      if (!line.includes('"CloudWatchMetrics"')) continue;
      const { _aws } = JSON.parse(line) as {
        readonly _aws: { readonly CloudWatchMetrics: readonly { readonly Metrics: readonly { readonly Name: string }[] }[] };
      };
      for (const { Metrics } of _aws.CloudWatchMetrics) for (const { Name } of Metrics) metrics.add(Name);
    }
    ledger.count(name === 'materialize' ? 'entities: logs' : 'logs', 'logs.gb', bytes / GB);
  };

  return {
    metrics,
    /** @param event as JSON: its bytes are the payload, and reading them takes the function's time. */
    call: async (name: string, handler: Handler, event: string): Promise<unknown> => {
      const { memoryMb, timeoutMs } = stage.functions[name] as Stage['functions'][string];
      limits.check(`Lambda ${name}`, 'bytes of the event', Buffer.byteLength(event), MAX_PAYLOAD_BYTES);
      const startMs = time.clock();
      const context = {
        getRemainingTimeInMillis: () => timeoutMs - (time.clock() - startMs),
        functionName: `twinstream-prod-${name}`,
        functionVersion: '$LATEST',
        memoryLimitInMB: String(memoryMb),
        awsRequestId: '00000000-0000-4000-8000-000000000000',
        invokedFunctionArn: `arn:aws:lambda:us-east-1:123456789012:function:twinstream-prod-${name}`,
      };
      const before = process.cpuUsage();
      const answer = JSON.stringify(await handler(JSON.parse(event) as never, context as never)) ?? '';
      const { user, system } = process.cpuUsage(before);
      limits.check(`Lambda ${name}`, 'bytes of the answer', Buffer.byteLength(answer), MAX_PAYLOAD_BYTES);
      const billedMs = Math.ceil((user + system) / 1_000 / Math.min(1, memoryMb / MB_OF_A_CPU) + (time.clock() - startMs));
      limits.check(`Lambda ${name}`, 'ms of a call', billedMs, timeoutMs);
      const item = itemOfFunction(name);
      ledger.count(item, 'lambda.requests', 1);
      ledger.count(item, 'lambda.gbSeconds', (billedMs / 1_000) * (memoryMb / 1_024));
      countLogs(name);
      return answer === '' ? undefined : JSON.parse(answer);
    },
  };
};
export type Lambda = ReturnType<typeof lambda>;
