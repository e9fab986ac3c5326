import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changes } from '../../cli/check/definitions.ts';
import { serviceOf } from '../../cli/stage.ts';
import { temporaryFolder } from '../../testing/temporary-folder.ts';

test('given what a folder stores, then each metric and entity that is new, changed or gone has its line', () => {
  const now = { kept: { name: 'kept', hash: '1' }, changed: { name: 'changed', hash: '2' }, added: { name: 'added', hash: '3' } };
  const stored = ['kept@1', 'changed@1', 'gone@9'];
  expect(changes('metric', now, stored)).toEqual([
    '  metric changed: changed; a start rebuilds it from all of its history',
    '  metric added: added; a start rebuilds it from all of its history',
    '  metric gone: removed; it is no longer counted',
  ]);
  expect(changes('entity', now, stored)[0]).toBe('  entity changed: changed; it is rebuilt from events that come from now on');
  expect(changes('metric', { kept: now.kept }, ['kept@1'])).toEqual([]);
});

test.each([
  ['service: shop\n', 'shop'],
  ["# comment\nservice: 'my-shop' # ours\nplugins: []\n", 'my-shop'],
  ['service: "shop2"\n', 'shop2'],
])('given %j, then the service is %s', (text, name) => {
  const folder = temporaryFolder();
  const file = join(folder.path, 'serverless.yml');
  writeFileSync(file, text);
  expect(serviceOf(file)).toBe(name);
  folder.remove();
});
