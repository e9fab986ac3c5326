import type { Pipeline } from '../domain/define.ts';
import { metricId } from '../domain/keys.ts';
import { linkKey, linksRoot } from '../domain/lake.ts';
import type { ObjectStore } from '../ports/object-store.ts';
import type { Generations } from './generations.ts';
import { type Manifest, readManifest } from './manifest.ts';

export interface LinkPorts {
  readonly pipeline: Pipeline;
  readonly lake: ObjectStore;
  /** How other tools name a file of the lake; null where there are none. */
  readonly uriOf: ((key: string) => string) | null;
}

/** What the links stand for: a generation, and the metrics' ids under which it is read. */
interface Linked {
  readonly generation: string;
  readonly metrics: Readonly<Record<string, string>>;
}
const MARK = `${linksRoot}linked.json`;

/**
 * Lets other tools read the active generation's batch views as tables: for each metric, window size and day a text file
 * that lists the URIs of its Parquet files, as Hive's SymlinkTextInputFormat reads it. They follow the pointer at each
 * run of the batch layer. Nothing here reads them.
 */
export const linkViews = async ({ pipeline, lake, uriOf }: LinkPorts, list: Generations): Promise<void> => {
  const active = await list.active();
  if (uriOf === null || active === null) return;
  const mark = JSON.stringify({
    generation: active.id,
    metrics: Object.fromEntries(Object.values(pipeline.metrics).map((metric) => [metric.name, metricId(metric)])),
  } satisfies Linked);
  const before = (await lake.get(MARK)) ?? Buffer.alloc(0);
  if (Buffer.from(before).toString() === mark) return;

  const standing = await standingLinks(lake, before.length === 0 ? null : (JSON.parse(Buffer.from(before).toString()) as Linked), uriOf);
  const wanted = linksOf(await readManifest(lake, active.id), JSON.parse(mark) as Linked, uriOf);
  // The mark goes first and comes back last: links that are cut off are written anew.
  await lake.remove([MARK]);
  for (const [key, text] of wanted) if (standing.get(key) !== text) await lake.put(key, Buffer.from(text));
  await lake.remove([...standing.keys()].filter((key) => !wanted.has(key)));
  await lake.put(MARK, Buffer.from(mark));
};

const linksOf = ({ metrics }: Manifest, linked: Linked, uriOf: (key: string) => string): Map<string, string> => {
  const links = new Map<string, string>();
  for (const [name, id] of Object.entries(linked.metrics))
    for (const [day, sizes] of Object.entries(metrics[id]?.days ?? {}))
      for (const [size, files] of Object.entries(sizes)) links.set(linkKey(name, size, day), `${files.map(uriOf).join('\n')}\n`);
  return links;
};

/** The links that stand, with their text where it is known. */
const standingLinks = async (lake: ObjectStore, linked: Linked | null, uriOf: (key: string) => string): Promise<Map<string, string | null>> => {
  // A generation that is retired, or links that were cut off.
  const manifest = linked === null ? null : await readManifest(lake, linked.generation).catch(() => null);
  if (linked !== null && manifest !== null) return linksOf(manifest, linked, uriOf);
  const links = new Map<string, string | null>();
  for await (const { key } of lake.list(linksRoot, '')) if (key !== MARK) links.set(key, null);
  return links;
};
