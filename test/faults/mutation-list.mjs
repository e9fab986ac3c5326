// biome-ignore-all lint/suspicious/noTemplateCurlyInString: what is replaced is the product's own text
/** Faults to put into the product: exact replacements in one file. Each has to be caught. */
export const MUTATIONS = [
  {
    name: 'a record is folded into a cell that holds it already (no upTo check)',
    file: 'shared/speed/cell-cache.ts',
    changes: [['        if (entry.upTo !== null && compareSequence(sequenceNumber, entry.upTo) <= 0) continue;\n', '']],
  },
  {
    name: 'a part is full, and what it holds is folded into the next one again',
    file: 'shared/speed/cell-cache.ts',
    changes: [
      [
        '        if (entry.upTo === null || compareSequence(version, entry.upTo) > 0) entry.upTo = version;\n        if (isFull',
        '        entry.upTo = version;\n        if (isFull(body.length, entry.part, partBytes)) entry.upTo = null;\n        if (isFull',
      ],
    ],
  },
  {
    name: 'a cell is written without the compare',
    file: 'shared/speed/cell-cache.ts',
    changes: [
      [
        '      const written = await store.put(writes);\n',
        '      const standing = await store.get(writes.map(({ cell }) => cell));\n      const written = await store.put(writes.map((write, i) => ({ ...write, expected: standing[i]?.version ?? null })));\n',
      ],
    ],
  },
  {
    // Either by itself changes nothing: a batch's notes are stored only after its cells.
    name: 'notes past the progress count too (no bound), and are stored before the cells',
    file: 'shared/consume/shard-ids.ts',
    changes: [
      ['notedRange(consumer, shard, fromMs, before)', 'notedRange(consumer, shard, fromMs, null)'],
      [
        'isBehindTail ? await store.query(notedRange(consumer, shard, known.at ?? 0, before)) : [];',
        'isBehindTail || true ? await store.query(notedRange(consumer, shard, known.at ?? 0, null)) : [];',
      ],
      ['if (before === null || known.at?.upTo === before.upTo) return;', 'if (before === null) return;'],
    ],
    also: {
      file: 'shared/consume/fold-shards.ts',
      changes: [
        [
          "import { type BatchNotes, batchNotes, NOTES_EXPIRY_MS, placeNotes } from './batch-notes.ts';",
          "import { type BatchNotes, batchNotes, NOTES_EXPIRY_MS, noteWrites, placeNotes } from './batch-notes.ts';",
        ],
        [
          '    const after = await into.flush();\n',
          '    await (batch as unknown as { early: () => Promise<void> }).early();\n    const after = await into.flush();\n',
        ],
        [
          '      const folding = await fold(',
          '      const early = () => notes.all.map(({ units, ...of }) => ({ ...of, parts: units.encode() }));\n      Object.assign(batch, { early: () => store.put(noteWrites(consumer, batch.shard, early(), clock() + NOTES_EXPIRY_MS)) });\n      const folding = await fold(',
        ],
      ],
    },
  },
  {
    name: 'notes are not stored as items',
    file: 'shared/consume/fold-shards.ts',
    changes: [['      if (placed.writes.length > 0) await store.put(placed.writes);\n', '']],
  },
  {
    name: 'a stale cache is taken for a fresh one',
    file: 'shared/consume/shard-ids.ts',
    changes: [['    if (before === null || known.at?.upTo === before.upTo) return;\n', '    known.at = before;\n    if (noted.begunMs >= 0) return;\n']],
  },
  {
    name: 'a catch-up stops early',
    file: 'shared/consume/shard-ids.ts',
    changes: [['    noteItems(known.ids, items);\n', '    noteItems(known.ids, items.slice(0, items.length >> 1));\n']],
  },
  {
    name: 'the tail does not go on in the next progress or into items',
    file: 'shared/consume/fold-shards.ts',
    changes: [['const notes = batchNotes(noted.tail);', 'const notes = batchNotes(noted.tail.slice(noted.tail.length));']],
  },
  {
    name: 'notes are named by their first position',
    file: 'shared/storage/keys.ts',
    changes: [['#${padded(last)}#${padded(first)}#1-', '#${padded(first)}#${padded(last)}#1-']],
  },
  {
    name: 'notes of a failed attempt stay in memory',
    file: 'shared/consume/fold-shards.ts',
    changes: [['        notes.add(unit, record);\n', '        notes.add(unit, record);\n        known.ids.note(unit, 1, record.epochMs);\n']],
  },
  {
    name: 'duplicates are not noted',
    file: 'shared/consume/fold-shards.ts',
    changes: [['        notes.add(unit, record);\n', '        if (!isDuplicate) notes.add(unit, record);\n']],
  },
  {
    name: 'a dropped cache is taken for one that has seen nothing',
    file: 'shared/consume/shard-caches.ts',
    changes: [
      [
        '        caches.delete(oldest);\n',
        '        (dropped as unknown as { known: { ids: { forget(ms: number): void } } }).known.ids.forget(Number.POSITIVE_INFINITY);\n',
      ],
    ],
  },
  {
    name: 'the edge of the duplicate window does not belong to it',
    file: 'shared/log/known-ids.ts',
    changes: [['?? Number.NEGATIVE_INFINITY) >= sinceMs', '?? Number.NEGATIVE_INFINITY) > sinceMs']],
  },
  {
    name: 'a child does not read what its ancestors noted',
    file: 'shared/consume/shard-ids.ts',
    changes: [
      ['    ancestors: [...matter.map(({ shard }) => shard),', '    ancestors: [...matter.slice(matter.length).map(({ shard }) => shard),'],
      ['    for (const one of progress) noteTail(', '    for (const one of progress.slice(progress.length)) noteTail('],
    ],
  },
  {
    name: 'a child does not read the tail of its ancestors',
    file: 'shared/consume/shard-ids.ts',
    changes: [['    for (const one of progress) noteTail(', '    for (const one of progress.slice(progress.length)) noteTail(']],
  },
  {
    name: 'a child reads what its parents noted, and not their parents',
    file: 'shared/consume/lineage.ts',
    changes: [['      found.add(parent);\n      visit(parent);\n', '      found.add(parent);\n']],
  },
  {
    name: 'a request is noted without its places',
    file: 'shared/log/unit.ts',
    changes: [['offset: index % PLACES };', 'offset: (index % PLACES) * 0 };']],
  },
  {
    name: 'progress is written before the cells',
    file: 'shared/consume/shard-batch.ts',
    changes: [
      [
        'const after: Progress = { ...batch.after, ...(await work(batch)) };',
        'const isEarly = batch.before !== null;\n    const after: Progress = { ...batch.after, ...(batch.before === null ? await work(batch) : { metrics: batch.before.metrics }) };',
      ],
      ['    telemetry.observe(`${consumer}_delay_seconds`', '    if (isEarly) await work(batch);\n    telemetry.observe(`${consumer}_delay_seconds`'],
    ],
  },
  {
    name: 'records before the progress are not skipped',
    file: 'shared/consume/shard-batch.ts',
    changes: [['    if (after !== null && compareSequence(sequenceNumber, after.upTo) <= 0) continue;\n', '']],
  },
  {
    name: 'a batch that failed names its last record, not its first',
    file: 'shared/consume/shard-batch.ts',
    changes: [['return { failedFrom: first.sequenceNumber };', "return { failedFrom: given.records.at(-1)?.sequenceNumber ?? '' };"]],
  },
  {
    name: 'epochs are those of arrival times, without the running maximum',
    file: 'shared/log/epochs.ts',
    changes: [['Math.max(current, Math.floor(arrivedAtMs / lengthMs) * lengthMs)', 'Math.max(0 * current, Math.floor(arrivedAtMs / lengthMs) * lengthMs)']],
  },
  {
    name: 'a child shard begins at no epoch instead of its parents’',
    file: 'shared/consume/shard-batch.ts',
    changes: [['before?.epochMs ?? lineage?.begunMs ?? 0', 'before?.epochMs ?? (lineage?.begunMs ?? 0) * 0']],
  },
  {
    name: 'the horizon ignores the progress of the archive',
    file: 'shared/consume/horizon.ts',
    changes: [["  const progress = await readProgress(store, 'archive');\n", "  const progress = await readProgress(store, 'aggregate');\n"]],
  },
  {
    name: 'the horizon is the furthest shard’s, not the last one’s',
    file: 'shared/consume/horizon.ts',
    changes: [['reached.sort((a, b) => a.atMs - b.atMs)', 'reached.sort((a, b) => b.atMs - a.atMs)']],
  },
  {
    name: 'a list of shards from before a shard began hides its parents',
    file: 'shared/consume/lineage.ts',
    changes: [['log.shards(isDeadLetterShard(shard) ? undefined : shard)', 'log.shards()']],
  },
  {
    name: 'the archive does not wait for its files',
    file: 'shared/batch/archive.ts',
    changes: [
      [
        '  await Promise.all(files.map(({ key, body }) => lake.put(key, body)));\n',
        '  for (const { key, body } of files) void lake.put(key, body).catch(() => {});\n',
      ],
    ],
  },
  {
    name: 'a raw file is named by its first record alone',
    file: 'shared/storage/lake.ts',
    changes: [
      [
        "}${shard}-${first}-${last}-${prev ?? first}-${crc.toString(16).padStart(8, '0')}.ndjson.gz`",
        '}${shard}-${first}-${last.slice(0, 0)}${prev ?? first}-${crc.toString(16).slice(0, 0)}.ndjson.gz`',
      ],
    ],
  },
  {
    name: 'the seam is cut on event time',
    file: 'shared/query/read-cells.ts',
    changes: [
      ['store.query(slicesFrom(metric, horizonMs))', 'store.query(slicesFrom(metric, 0))'],
      [
        '        const { groups, overflow, shed = [] } = readCell(cell.body);',
        '        if (startMs < manifest.horizonMs) continue;\n        const { groups, overflow, shed = [] } = readCell(cell.body);',
      ],
    ],
  },
  {
    name: 'the first epoch after the horizon is left out',
    file: 'shared/query/read-cells.ts',
    changes: [['store.query(slicesFrom(metric, horizonMs))', 'store.query(slicesFrom(metric, horizonMs + 1_000))']],
  },
  {
    name: 'a generation is published before its files',
    file: 'shared/batch/recompute.ts',
    changes: [
      [
        '  const { manifest, counts, drift, finish } = await build(',
        '  const early = await list.active();\n  if (early?.id !== id) await list.activate(id, early?.version ?? null);\n  const { manifest, counts, drift, finish } = await build(',
      ],
    ],
  },
  {
    name: 'new lines are not compared with stored ones',
    file: 'shared/batch/parse-new.ts',
    changes: [
      [
        'const stored = await storedEvents(events, from, parts, windowMs);',
        'const stored = windowMs < 0 ? await storedEvents(events, from, parts, windowMs) : null;',
      ],
    ],
  },
  {
    name: 'the stream fold counts items that are null',
    file: 'shared/fold/evaluate.ts',
    changes: [['.filter(isItem)', ".filter((one) => isItem(one) || kind === 'object')"]],
  },
  {
    name: 'a changed definition is taken for whole from the epoch in which it came',
    file: 'shared/speed/aggregate.ts',
    changes: [['sinceMs: before.epochMs + ports.epochLengthMs', 'sinceMs: before.epochMs']],
  },
  {
    name: 'cells go before the oldest generation is done with them',
    file: 'shared/batch/retire.ts',
    changes: [['const oldestMs = Math.min(...', 'const oldestMs = Math.max(...']],
  },
  {
    name: 'cells have expired, and an answer does without them',
    file: 'shared/storage/cells-kept.ts',
    changes: [['cellsKeptMs !== null && nowMs >', 'cellsKeptMs !== null && nowMs > Number.POSITIVE_INFINITY +']],
  },
  {
    name: 'cells expire before there is a generation',
    file: 'shared/speed/aggregate.ts',
    changes: [['return hasGeneration ? ports.cellsKeptMs : null', 'return ports.cellsKeptMs']],
  },
  {
    name: 'a generation is retired while somebody goes back to it',
    file: 'shared/batch/retire.ts',
    changes: [["state === 'published' && activatedAtMs < clock() - GRACE_MS", "state === 'published' && activatedAtMs < Number.POSITIVE_INFINITY"]],
  },
  {
    name: 'what both generations need goes with the older one',
    file: 'shared/batch/sweep.ts',
    changes: [['.filter((name) => !needed.has(name))', '.filter((name) => needed.has(name) || true)']],
  },
  {
    name: 'of a changed definition only the days are computed that new lines touch',
    file: 'shared/batch/build.ts',
    changes: [['before === undefined || changed.has(day)', 'changed.has(day)']],
  },
  {
    name: 'two runs of the batch layer at the same time',
    file: 'shared/batch/lease.ts',
    changes: [['    if (isHeld !== true) return null;\n', '    void isHeld;\n']],
  },
  {
    name: 'an active generation is given up after three failures',
    file: 'shared/batch/recompute.ts',
    changes: [
      [
        '(attempts >= MAX_ATTEMPTS || error instanceof EngineMemoryError) && (await list.active())?.id !== planned.id',
        'attempts >= MAX_ATTEMPTS || error instanceof EngineMemoryError',
      ],
    ],
  },
  {
    name: 'an event is folded into an entity that holds it already',
    file: 'shared/speed/entity-writer.ts',
    changes: [
      ['known === undefined || compareSequence(sequenceNumber, known) > 0', 'known === undefined || compareSequence(sequenceNumber, known) !== Number.NaN'],
    ],
  },
  {
    name: 'an entity is written without the compare',
    file: 'shared/speed/entity-writer.ts',
    changes: [
      [
        'const written = await entities.put(pending.map(({ write }) => write));',
        'const standing = await entities.get(pending.map(({ one }) => one.at));\n      const written = await entities.put(pending.map(({ write }, i) => ({ ...write, expected: standing[i]?.version ?? null })));',
      ],
    ],
  },
  {
    name: 'a request is acknowledged before the log has it',
    file: 'shared/ingest/accept.ts',
    changes: [['  await appendLines(ports.log, byLane);\n', '  void appendLines(ports.log, byLane).catch(() => {});\n']],
  },
  {
    name: 'a rejected event is acknowledged before the quarantine has it',
    file: 'shared/ingest/accept.ts',
    changes: [['    await ports.quarantine.deliver(', '    void ports.quarantine.deliver(']],
  },
  {
    name: 'no owner check: a second host starts on a folder',
    file: 'shared/adapters/files/folder-owner.ts',
    changes: [["    lock.exec('BEGIN EXCLUSIVE');\n", "    lock.exec('BEGIN');\n"]],
  },
  {
    name: 'whoever opens the log reshards it',
    file: 'shared/adapters/sqlite/log.ts',
    changes: [['  const append = appends(', '  if (owned === undefined) table.reshard(shards, null);\n  const append = appends(']],
  },
  {
    name: 'a closed shard takes records (its place is looked up once)',
    file: 'shared/adapters/sqlite/log-shards.ts',
    changes: [['      const { byLane } = look();\n      const shard', '      const { byLane } = known.at < 0 ? look() : known;\n      const shard']],
  },
  {
    name: 'a reader writes',
    file: 'shared/adapters/sqlite/sqlite.ts',
    changes: [['  if (owned !== undefined) return openReader(path, owned);\n', '  void openReader;\n']],
  },
  {
    name: 'the log’s time steps back with the clock',
    file: 'shared/adapters/sqlite/log-time.ts',
    changes: [['      if (nowMs >= lastMs) return nowMs;\n', '      if (nowMs >= lastMs || lastMs > 0) return nowMs;\n']],
  },
  {
    name: 'a generation through now is published before what arrived by a clock that was ahead',
    file: 'functions/generations.ts',
    changes: [['    ...(aheadMs > 0 ? [nowMs + aheadMs + 1] : []),\n', '    ...(aheadMs > 0 && nowMs < 0 ? [nowMs + aheadMs + 1] : []),\n']],
  },
  {
    name: 'a raw file behind the horizon is not noted',
    file: 'shared/batch/behind.ts',
    changes: [['  if (behind.length > 0) await recovered(store)', '  if (behind.length < 0) await recovered(store)']],
    // The walk along the raw files finds those that nobody noted.
    also: {
      file: 'shared/batch/check-raw.ts',
      changes: [
        ['isBehind = ({ key, epochMs, last }: File) => epochMs < from.horizonMs', 'isBehind = ({ key, epochMs, last }: File) => epochMs < 0 * from.horizonMs'],
      ],
    },
  },
  {
    name: 'the names of shards say nothing of their log',
    file: 'shared/adapters/sqlite/log-shards.ts',
    changes: [["`shard-${identity === null ? '' : `${identity}-`}${String(id)", "`shard-${identity === null ? '' : identity.slice(8)}${String(id)"]],
  },
  {
    name: 'a renewed log has no floor',
    file: 'shared/adapters/sqlite/log-shards.ts',
    changes: [["replace(openRows().length, settingOf('identity') ?? '', floorMs);", "replace(openRows().length, settingOf('identity') ?? '', 0 * floorMs);"]],
  },
  {
    name: 'a repair begins at the epoch that is, not at the next',
    file: 'local/repair/run.ts',
    changes: [['const floorMs = nowEpochMs + epochLengthMs;', 'const floorMs = nowEpochMs;']],
  },
  {
    name: 'a repair leaves out what the log holds beyond the lake',
    file: 'local/repair/run.ts',
    changes: [['const salvaged = existsSync(path) ? await', "const salvaged = existsSync(path) && path === '' ? await"]],
  },
  {
    name: 'a repair notes no ids',
    file: 'local/repair/run.ts',
    changes: [['nowMs: clock(), consumers }, recent, (', 'nowMs: clock(), consumers }, recent.slice(recent.length), (']],
  },
  {
    name: 'no log is held against the views',
    file: 'local/check/findings.ts',
    changes: [['  const progress = known(views);\n', '  const progress = known(views).slice(0, 0);\n']],
  },
  {
    name: 'a raw chain is not walked',
    file: 'shared/batch/check-raw.ts',
    changes: [
      ['    for (; walked.gap !== null; walked = walk()) await write(', "    for (; walked.gap !== null && lastRaw === ''; walked = walk()) await write("],
    ],
  },
  {
    name: 'reference data: announcements are not read',
    file: 'shared/speed/reference-data.ts',
    changes: [['const revision = announcedIn(data);', 'const revision = announcedIn(data.subarray(0, 0));']],
  },
  {
    name: 'reference data: a child begins with the latest revision, not with that of its ancestors',
    file: 'shared/speed/reference-data.ts',
    changes: [['  if (all.length === 0) return null;\n', '  if (all.length >= 0) return null;\n']],
  },
  {
    name: 'reference data: a shard begins with whatever is the latest revision at a retry',
    file: 'shared/speed/reference-data.ts',
    changes: [
      ["import { firstRevision } from '../lookups/changes.ts';", "import { firstRevision, readChanges } from '../lookups/changes.ts';"],
      ['{ revision: await firstRevision(store, batch.shard), sinceMs: 0 }', '{ revision: (await readChanges(store, 0)).at(-1)?.revision ?? 0, sinceMs: 0 }'],
    ],
  },
  {
    name: 'reference data: the progress forgets what was announced',
    file: 'shared/speed/reference-data.ts',
    changes: [['const known = batch.before?.tables ?? inherited(batch, epochLengthMs);', 'const known = inherited(batch, epochLengthMs);']],
  },
  {
    name: 'reference data: a table that cannot be read is taken for one without rows',
    file: 'shared/lookups/kept-rows.ts',
    changes: [['await readTable(lake, table, name);', 'await readTable(lake, table, name).catch(() => Buffer.alloc(0));']],
  },
  {
    name: 'reference data: days that a correction touches are not computed again',
    file: 'shared/batch/build.ts',
    changes: [['const otherwise = changedDays(versionsBefore, versions, tables, all);', 'const otherwise = changedDays(versions, versions, tables, all);']],
  },
  {
    name: 'reference data: layers are compared although they looked up in different versions',
    file: 'shared/batch/build.ts',
    changes: [['const isAlike = definition.where === null ||', 'const isAlike = definition.where !== undefined ||']],
  },
];
