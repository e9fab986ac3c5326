// npm start: a host with the settings of the environment, until a signal ends it (graceful shutdown).
import pipeline from '#pipeline';
import { readSettings } from '../shared/platforms/embedded-settings.ts';
import { startHost } from './host.ts';

/** A shutdown that takes longer is cut off; what was acknowledged is durable all the same. */
const MAX_DRAIN_MS = 20_000;

const settings = readSettings(process.env);
const starting = startHost(settings, pipeline);
let isDraining = false;
const drain = async (): Promise<void> => {
  // Ctrl-C in a terminal arrives twice when npm forwards it.
  if (isDraining) return;
  isDraining = true;
  setTimeout(() => process.exit(0), MAX_DRAIN_MS).unref();
  await (await starting).close();
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => void drain());
const { url } = await starting;
if (settings.logLevel === 'warn' || settings.logLevel === 'error') console.log(`Twinstream listens on ${url}`);
