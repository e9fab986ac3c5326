import { generations } from '../../shared/batch/generations.ts';
import { EMPTY_MANIFEST, readManifest } from '../../shared/batch/manifest.ts';
import { batchSizes } from '../../shared/definition/windows.ts';
import { metricId } from '../../shared/storage/keys.ts';
import { linkKey } from '../../shared/storage/lake.ts';
import type { Machine } from './machine.ts';
import type { Position } from './oracle.ts';
import type { Reference } from './reference.ts';
import { expectSame } from './same.ts';

/** A generation that somebody asked for holds what the log held then. Where clocks differ nobody can say so. */
export const checkRequested = async (machine: Machine, positions: readonly Position[]): Promise<void> => {
  if (!machine.plan.isEmbedded) return;
  for (const { id, state, plan } of await generations(machine.store).list()) {
    const held = machine.requested.get(id);
    if (held === undefined || plan === null || state === 'failed') continue;
    const missing = positions.filter(({ shard, record, epochMs }) => record < (held.get(shard) ?? 0) && epochMs >= plan.horizonMs);
    const places = missing.map(({ shard, seq, line }) => `${shard} ${seq} ${line}`);
    expectSame(`what ${id}, up to ${new Date(plan.horizonMs).toISOString()}, lacks of what was there when it was asked for`, places, []);
  }
};

/** Whatever may be activated can be read, nothing drifted, and what other tools read is the active generation. */
export const checkGenerations = async (machine: Machine): Promise<{ horizonMs: number; holds: ReadonlySet<string> }> => {
  const list = generations(machine.store);
  const active = await list.active();
  for (const { id, state, drift } of await list.list()) {
    for (const [metric, { drift: difference }] of Object.entries(drift)) expectSame(`the drift of ${metric} in ${id}`, difference ?? 0, 0);
    if (id === active?.id) expectSame(`that ${id}, which is active and ${state}, is published`, state === 'published' || state === 'running', true);
    if (state !== 'published') continue;
    const { metrics } = await readManifest(machine.lake, list, id);
    for (const file of Object.values(metrics).flatMap(({ days }) => Object.values(days).flatMap((sizes) => Object.values(sizes).flat())))
      expectSame(`that ${file} of ${id} is there`, (await machine.lake.get(file)) !== null, true);
  }
  const manifest = active === null ? EMPTY_MANIFEST : await readManifest(machine.lake, list, active.id);
  return { horizonMs: manifest.horizonMs, holds: new Set(Object.keys(manifest.metrics)) };
};

/** Whatever was published is listed, and in the end the generation is looked up in the latest. */
export const checkReference = async (machine: Machine, { versions, latest }: Reference, isLast: boolean): Promise<void> => {
  expectSame(
    'published tables that are not listed',
    machine.published.filter((id) => !versions.includes(id)),
    [],
  );
  const list = generations(machine.store);
  const active = await list.active();
  if (isLast && active !== null)
    expectSame('the revision that the last generation is looked up in', (await readManifest(machine.lake, list, active.id)).lookups ?? 0, latest);
};

/** The links of other tools lead to the active generation's files, to each once, and to no others. */
export const checkLinks = async (machine: Machine): Promise<void> => {
  const list = generations(machine.store);
  const active = await list.active();
  if (active === null) return;
  const { metrics } = await readManifest(machine.lake, list, active.id);
  for (const metric of Object.values(machine.variant().pipeline.metrics)) {
    for (const size of batchSizes(metric.definition.window)) {
      const links = Buffer.from((await machine.lake.get(linkKey(metric.name, size))) ?? [])
        .toString()
        .split('\n')
        .slice(0, -1);
      const files = new Set(Object.values(metrics[metricId(metric)]?.days ?? {}).flatMap((sizes) => (sizes[size] ?? []).map((file) => `s3://lake/${file}`)));
      expectSame(`the links of ${metric.name} by ${size}`, links.sort(), [...files].sort());
    }
  }
};
