import type { Telemetry } from '../../shared/ports/telemetry.ts';

const none = (): void => {};
/** Nobody reads what a part logs or counts. */
export const QUIET: Telemetry = { debug: none, info: none, warn: none, error: none, count: none, gauge: none, observe: none };
