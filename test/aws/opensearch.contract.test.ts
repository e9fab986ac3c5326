import { randomUUID } from 'node:crypto';
import type { Client } from '@opensearch-project/opensearch';
import { opensearch, opensearchClient } from '../../shared/adapters/opensearch.ts';
import { describeSearchIndex } from '../contracts/search-index.ts';
import { sleep } from './local-client.ts';
import { startOpenSearch } from './servers/opensearch.ts';
import type { StartedServer } from './servers/process.ts';

let server: StartedServer;
let client: Client;
beforeAll(async () => {
  server = await startOpenSearch();
  client = opensearchClient({ endpoint: server.endpoint, service: 'none', region: 'us-east-1' });
});
afterAll(async () => {
  await client?.close();
  await server?.stop();
});

const make = async () => {
  const prefix = `twinstream-${randomUUID().slice(0, 8)}`;
  const index = opensearch({ client, isServerless: false, prefix, clock: Date.now, sleep, random: Math.random });
  return { prefix, index, settle: async () => void (await client.indices.refresh({ index: `${prefix}-*` })) };
};
describeSearchIndex(make, { findsTypos: true, spellsOut: true });
