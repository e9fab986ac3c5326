import pipeline from '#pipeline';
import { cellStore, clock, deadLetters, entityStore, eventLog, lake, onLambda, quarantine, settings, startRecompute, telemetry } from '#platform';
import { generations } from '../shared/batch/generations.ts';
import { DEAD_LETTERS_REQUEST, describeDeadLetter } from '../shared/dead-letters/dead-letter-request.ts';
import { type DeadLetterPorts, replayDeadLetters } from '../shared/dead-letters/replay-dead-letters.ts';
import type { Pipeline } from '../shared/definition/define.ts';
import type { Platform } from '../shared/platforms/platform.ts';
import type { DeadLetter } from '../shared/ports/dead-letters.ts';
import { type HttpHandler, json, UNLIMITED } from '../shared/request/http.ts';
import { parsedBody } from '../shared/request/parsed-body.ts';
import { answering } from './middleware/answering.ts';
import { onApiGateway } from './middleware/on-api-gateway.ts';

/** GET /dead-letters lists the records that consumers discarded; POST /dead-letters/replay replays or repairs them. */
export const letters = (ports: DeadLetterPorts & { startRecompute: () => Promise<void> }): HttpHandler => {
  const { store, clock, telemetry } = ports;
  return answering<'letters'>(telemetry, {
    'GET /dead-letters': async () => {
      const all = await ports.deadLetters.list();
      return json(200, { consumers: summary(all), letters: all.map(describeDeadLetter) }, { 'cache-control': 'no-store' });
    },
    'POST /dead-letters/replay': async (request, context = UNLIMITED) => {
      const { consumer, ids } = parsedBody(request, DEAD_LETTERS_REQUEST, '{"consumer":"archive"}');
      const isAsked = (letter: DeadLetter) => (consumer === undefined || letter.consumer === consumer) && (ids === undefined || ids.includes(letter.id));
      const { replayed, more } = await replayDeadLetters(ports, await ports.deadLetters.list(), isAsked, () => context.getRemainingTimeInMillis());
      const isInLake = replayed.some(({ outcome }) => outcome === 'recovered');
      const generation = isInLake ? (await generations(store).request(clock(), null)).id : null;
      if (isInLake) await ports.startRecompute();
      const remaining = replayed.filter(({ outcome }) => outcome === 'waits' || outcome === 'stays').length;
      telemetry.info('Replayed dead letters', { replayed: replayed.length - remaining, remaining, generation });
      return json(200, { replayed: replayed.length - remaining, remaining, generation, more, letters: replayed });
    },
  });
};

const summary = (all: readonly DeadLetter[]) => {
  const consumers: Record<string, { letters: number; records: number; reasons: Record<string, number> }> = {};
  for (const { consumer, records, reason } of all) {
    const one = (consumers[consumer] ??= { letters: 0, records: 0, reasons: {} });
    one.letters++;
    one.records += records;
    one.reasons[reason] = (one.reasons[reason] ?? 0) + 1;
  }
  return consumers;
};

/** Over the ports of a platform. */
export const bind = (
  pipeline: Pipeline,
  {
    cellStore,
    clock,
    deadLetters,
    entityStore,
    eventLog,
    lake,
    quarantine,
    settings,
    startRecompute,
    telemetry,
  }: Pick<Platform, 'cellStore' | 'clock' | 'deadLetters' | 'entityStore' | 'eventLog' | 'lake' | 'quarantine' | 'settings' | 'startRecompute' | 'telemetry'>,
) =>
  letters({
    pipeline,
    telemetry: telemetry(),
    deadLetters: deadLetters(),
    store: cellStore(),
    entities: entityStore(),
    log: eventLog(),
    lake: lake(),
    quarantine: quarantine(),
    clock,
    epochLengthMs: settings().epochLengthMs,
    duplicateWindowMs: settings().duplicateWindowMs,
    cacheBytes: settings().cacheBytes,
    writeUnitBytes: settings().writeUnitBytes,
    startRecompute,
  });

export const handler = onLambda(() =>
  onApiGateway(bind(pipeline, { cellStore, clock, deadLetters, entityStore, eventLog, lake, quarantine, settings, startRecompute, telemetry })),
);
