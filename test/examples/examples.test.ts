import { expectGoldenJson } from '../support/golden.ts';
import { isLong } from '../support/long.ts';
import { domains, goldenAnswers, goldenFile, playing } from './answers.ts';
import { questionsOf } from './domain.ts';

const SPEED = { batch: false, speed: true };
const BATCH = { batch: true, speed: false };
const BOTH = { batch: true, speed: true };

describe.each(domains.map((domain) => [domain.name, domain] as const))('%s', (name, domain) => {
  test('speed, then batch, give the golden answers to the questions of its README', async () => {
    const world = await playing(domain);
    try {
      await world.send(() => true);
      const fromSpeed = await world.ask();
      expectGoldenJson(goldenFile(name), fromSpeed.answers);
      expect(fromSpeed.layers).toEqual(SPEED);
      await world.publish();
      expect(await world.ask()).toEqual({ answers: fromSpeed.answers, layers: BATCH });
    } finally {
      await world.close();
    }
  });

  test('the golden answers are those of a plain look at its events', () => {
    const questions = questionsOf(name);
    expect(questions).toHaveLength(domain.oracles.length);
    for (const [i, question] of questions.entries()) {
      const golden = goldenAnswers(name)[question];
      expect({ question, rows: golden }).toEqual({ question, rows: domain.oracles[i]?.(domain.events) });
      expect(golden?.length).toBeGreaterThan(0);
    }
  });

  /** Every other event, so that each window is of both layers; in a long run, also the first part of the day, of which late events are left. */
  const HALVES: readonly (readonly [string, (index: number) => boolean])[] = [
    ['every other event', (i) => i % 2 === 0],
    ...(isLong
      ? [0.2, 0.5, 0.9].map((share): [string, (index: number) => boolean] => [
          `the first ${share * 100} % and a third of the rest`,
          (i) => i < share * domain.events.length || i % 3 === 0,
        ])
      : []),
  ];
  test.each(HALVES)('with %s in batch and the others in speed, the answers are the same', async (_, isFirst) => {
    const world = await playing(domain);
    try {
      await world.send(isFirst);
      await world.publish();
      await world.send((i) => !isFirst(i));
      expect(await world.ask()).toEqual({ answers: goldenAnswers(name), layers: BOTH });
    } finally {
      await world.close();
    }
  });
});
