import assert from 'node:assert/strict';
import { test } from 'node:test';
import pipeline from './pipeline.ts';

test('sales are counted by country', () => {
  assert.deepEqual(Object.keys(pipeline.metrics), ['sales']);
});
