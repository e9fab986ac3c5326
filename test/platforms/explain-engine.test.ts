import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedPlatform } from '../../shared/platforms/embedded-platform.ts';
import { readSettings } from '../../shared/platforms/embedded-settings.ts';
import { recordedTelemetry } from '../support/recorded-telemetry.ts';

test('one machine: the engine that explains numbers has a memory of its own, less than the batch layer', async () => {
  const root = mkdtempSync(join(tmpdir(), 'twinstream-'));
  try {
    const settings = readSettings({ DATA_DIR: root, BATCH_MEMORY: '1GB' });
    const { telemetry } = recordedTelemetry();
    const { sqlEngine, explainEngine, close } = embeddedPlatform({
      settings: () => settings,
      clock: Date.now,
      telemetry: () => telemetry,
      owned: () => undefined,
    });
    const limit = "SELECT current_setting('memory_limit') AS bytes";
    expect(await sqlEngine().rows(limit)).toEqual([{ bytes: '1.0 GiB' }]);
    expect(await explainEngine().rows(limit)).toEqual([{ bytes: '256.0 MiB' }]);
    close();
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
