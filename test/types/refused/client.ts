import { createClient } from 'twinstream/client';
import type wikipedia from '../../../pipeline.ts';

const client = createClient<typeof wikipedia>('https://events.example.com');
const edit = {
  time: '2026-11-21T10:00:00Z',
  channel: '#en.wikipedia',
  namespace: 'Main',
  page: 'A',
  user: 'me',
  added: 1,
  deleted: 0,
  delta: 1,
  isAnonymous: false,
  isMinor: false,
  isNew: false,
  isRobot: false,
  isUnpatrolled: false,
};

// expect: Argument of type '"edist"' is not assignable to parameter of type '"edits" | "newcomers"'
client.ask('edist');
// expect: Type '"chanel"' is not assignable to type '"channel" | "namespace" | "robot"
client.ask('edits', { by: ['chanel'] });
// expect: Type '"country"' is not assignable to type '"channel" | "namespace" | "robot"
client.ask('edits', { by: ['country'] });
// expect: Type '"adedd"' is not assignable to type
client.ask('edits', { measures: ['adedd'] });
// expect: Type '"2x"' is not assignable to type 'Every
client.ask('edits', { every: '2x' });
// expect: Type 'string' is not assignable to type 'Filter<boolean>
client.ask('edits', { filter: { robot: 'yes' } });
// expect: 'chanel' does not exist in type
client.ask('edits', { filter: { chanel: 'x' } });
// expect: Type '"-pages"' is not assignable to type
client.ask('edits', { order: '-pages' });
// expect: Type '"channel"' is not assignable to type
client.ask('edits', { order: 'channel' });
// expect: Type '"-added"' is not assignable to type
client.ask('edits', { measures: ['edits'], order: '-added' });
// expect: 'limits' does not exist in type
client.ask('edits', { limits: 3 });
// expect: Property 'added' does not exist on type '{ readonly window: string; readonly edits: number; }'
client.ask('edits', { measures: ['edits'] }).then(({ rows }) => rows[0]?.added);
// expect: Property 'channel' does not exist on type '{ readonly window: string; readonly edits: number; }'
client.ask('edits', { measures: ['edits'] }).then(({ rows }) => rows[0]?.channel);
// expect: 'row.added' is possibly 'null'
client.ask('edits').then(({ rows }) => rows.map((row) => row.added + 1));
// expect: Argument of type '"page"' is not assignable to parameter of type '"edit"'
client.send('page', edit);
// expect: Type 'string' is not assignable to type 'number'
client.send('edit', { ...edit, added: '1' });
// expect: Argument of type '{ time: string; }' is not assignable to parameter of type
client.send('edit', { time: '2026-11-21T10:00:00Z' });
// expect: 'addded' does not exist in type
client.send('edit', { ...edit, addded: 1 });
// expect: Type 'number' is not assignable to type 'string'
createClient<typeof wikipedia>('/', { token: 5 });
