import { bind } from '../../functions/ingest.ts';
import { embeddedPlatform } from '../../shared/platforms/embedded-platform.ts';
import { readSettings } from '../../shared/platforms/embedded-settings.ts';
import { demand } from './bench.ts';
import pipeline from './hits-pipeline.ts';
import { QUIET } from './quiet.ts';

/** Ingest of hits into a folder's log, in this process and without HTTP. */
export const ingestHere = (path: string) => {
  const settings = readSettings({ DATA_DIR: path, EPOCH: '1m' });
  const platform = embeddedPlatform({ settings: () => settings, clock: Date.now, telemetry: () => QUIET, owned: () => undefined });
  const ingest = bind(pipeline, platform);
  const request = { route: 'POST /events/{type}', method: 'POST', path: '/events/hit', query: '', pathParameters: { type: 'hit' } } as const;
  return {
    post: async (body: Buffer): Promise<void> => {
      const { status } = await ingest({ ...request, headers: { 'content-type': 'application/x-ndjson' }, body });
      demand('A body of hits', status, 202);
    },
    close: platform.close,
  };
};
