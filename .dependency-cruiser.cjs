// Which room may import which: arrows run one way, from the end of each list to its front. `npm run lint` checks it.
/** The ground: pure, and one compiler needs the other's words, so its rooms may know one another. */
const GROUND = ['definition', 'operators', 'measures', 'fold', 'sql', 'log'];
/** Each knows the ground and those before it. */
const ROOMS = [
  'ports',
  'storage',
  'request',
  'ingest',
  'kernel',
  'consume',
  'quarantine',
  'exclusions',
  'lookups',
  'speed',
  'batch',
  'dead-letters',
  'query',
  'explain',
  'search',
  'live',
  'auth',
  'api',
  'adapters',
  'platforms',
];
/** Each knows shared/ and those before it. */
const SHELLS = ['functions', 'local', 'agent', 'cli'];

const shared = (rooms) => `^shared/(${rooms.join('|')})/`;
const rooms = ROOMS.map((room, i) => ({
  name: `${room}-imports-only-what-is-below-it`,
  severity: 'error',
  from: { path: shared([room]) },
  to: { path: '^shared/', pathNot: shared([...GROUND, ...ROOMS.slice(0, i + 1)]) },
}));
const shells = SHELLS.slice(0, -1).map((shell, i) => ({
  name: `${shell}-imports-no-${SHELLS.slice(i + 1).join('-or-')}`,
  severity: 'error',
  from: { path: `^${shell}/` },
  to: { path: `^(${SHELLS.slice(i + 1).join('|')})/` },
}));

module.exports = {
  forbidden: [
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'every-file-of-shared-has-a-room',
      severity: 'error',
      from: { path: '^shared/', pathNot: [shared([...GROUND, ...ROOMS]), '^shared/pipeline\\.ts$'] },
      to: {},
    },
    {
      name: 'ground-imports-the-ground',
      severity: 'error',
      from: { path: shared(GROUND) },
      to: { path: '^(shared|functions|local|agent|cli)/', pathNot: shared(GROUND) },
    },
    ...rooms,
    {
      name: 'shared-imports-no-shell',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(functions|local|agent|cli|client|testing|test|bench|cost)/' },
    },
    { name: 'agent-imports-no-functions-or-local', severity: 'error', from: { path: '^agent/' }, to: { path: '^(functions|local|client)/' } },
    ...shells,
    {
      name: 'client-stands-alone',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^(shared|functions|local|agent|cli)/', pathNot: '^shared/definition/' },
    },
    // What the page itself may import is in biome.json: the tool cannot parse TSX.
    {
      name: 'nobody-imports-dashboard',
      severity: 'error',
      from: { path: '^(shared|functions|local|cli|client|testing|cost)/' },
      to: { path: '^dashboard/', pathNot: '^dashboard/built/' },
    },
    // It knows all of a host, and no command.
    { name: 'testing-imports-no-cli', severity: 'error', from: { path: '^testing/' }, to: { path: '^cli/' } },
    { name: 'product-imports-no-testing', severity: 'error', from: { path: '^(shared|functions|local|agent|cli|client)/' }, to: { path: '^testing/' } },
    {
      name: 'product-imports-no-test',
      severity: 'error',
      from: { path: '^(shared|functions|local|agent|cli|client|testing)/' },
      to: { path: '^(test|bench|cost)/' },
    },
    { name: 'cost-imports-shared-and-functions', severity: 'error', from: { path: '^cost/' }, to: { path: '^(local|agent|cli|client|testing|test|bench)/' } },
    {
      name: 'only-adapters-import-development-packages',
      severity: 'error',
      from: { path: '^(shared|functions|local|agent|cli|testing)/', pathNot: '^shared/adapters/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'unresolved', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^(aws-lambda|#pipeline|#platform|#page)$' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules)/|\\.d\\.ts$' },
    tsPreCompilationDeps: true,
    // TypeScript 7 has no API to parse with; without @swc/core nothing would be read, which scripts/rooms.mjs refuses.
    parser: 'swc',
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.cjs'],
      conditionNames: ['twinstream-source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
    },
  },
};
