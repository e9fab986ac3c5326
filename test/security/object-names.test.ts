import { type System, system } from '../support/system.ts';
import { AT, JSON_TYPE, NOW, pipeline, unpolluted } from './hits.ts';

describe('given names that every object has, in events', () => {
  let world: System;
  beforeAll(async () => {
    world = await system({ pipeline, shards: 1, startMs: NOW });
  });
  afterAll(() => world.close());
  const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'isPrototypeOf', '__defineSetter__'];

  test.each(NAMES)('%s is a field like others', async (name) => {
    const good = `{"at":"${AT}","name":"a","n":1`;
    const bodies: [string, Record<string, string>][] = [
      [`${good},"${name}":{"polluted":true}}`, JSON_TYPE],
      [`${good},"deep":{"${name}":{"polluted":true,"${name}":1}}}`, JSON_TYPE],
      [`{"${name}":{"polluted":true}}`, JSON_TYPE],
      [
        `{"specversion":"1.0","id":"1","source":"s","type":"hit","${name}":"x","data":${good},"${name}":{"polluted":1}}}`,
        { 'content-type': 'application/cloudevents+json' },
      ],
      [`{"specversion":"1.0","id":"1","source":"s","type":"${name}","data":{}}`, { 'content-type': 'application/cloudevents+json' }],
      [`${good}}`, { ...JSON_TYPE, 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': 's', 'ce-type': 'hit', [`ce-${name}`]: 'x' }],
    ];
    for (const [body, headers] of bodies) {
      const target = 'ce-id' in headers || headers['content-type'] !== JSON_TYPE['content-type'] ? '/events' : '/events/hit';
      const { status } = await world.post(target, body, headers);
      expect([body, status === 202 || status === 422]).toEqual([body, true]);
      unpolluted();
    }
    await world.aggregate();
    await world.archive();
    await world.materialize();
    for (const call of [`{"${name}":{"polluted":true}}`, `{"reason":"${name}"}`]) {
      for (const route of ['/quarantine/replay', '/recompute']) {
        const { status } = await world.post(route, call, JSON_TYPE);
        expect([route, call, status < 500]).toEqual([route, call, true]);
      }
    }
    expect([world.errors, world.counters.get('rejected_records')]).toEqual([[], 0]);
    unpolluted();
  });
});
