import { COMPILED } from './compiled.ts';

/** What the compiled kernel exports: what assembly/index.ts does, and its addresses and limits. */
interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  open(): number;
  read(length: number): number;
  group(lines: number, type: number, metric: number, slot: number, minutes: number, columns: number, count: number): void;
  groupCount(): number;
  isHalfFull(): number;
  forget(): void;
}
type Globals = Readonly<Record<(typeof GLOBALS)[number], { readonly value: number }>>;
/** The types of this part of JavaScript come with a browser's. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
  readonly RuntimeError: new () => Error;
}
const webAssembly = (): WebAssemblyApi | undefined => (globalThis as { readonly WebAssembly?: WebAssemblyApi }).WebAssembly;

/** Whether it was the kernel itself that failed, not what it was called for. */
export const isFault = (error: unknown): error is Error => {
  const api = webAssembly();
  return api !== undefined && error instanceof api.RuntimeError;
};

const GLOBALS = [
  'CLOCKS',
  'COLUMNS',
  'DATA',
  'DATES',
  'FIRSTS',
  'GROUPS',
  'ID_LENGTHS',
  'IDS',
  'MAX_BYTES',
  'MAX_COLUMNS',
  'MAX_GROUPS',
  'MAX_LINES',
  'MAX_METRICS',
  'MAX_PLAN',
  'MAX_TEXTS',
  'PLACES',
  'PLAN',
  'RUNS',
  'SOURCE_LENGTHS',
  'SOURCES',
  'STARTS',
  'TEXTS',
  'TYPES',
] as const;

const openInstance = () => {
  const api = webAssembly();
  if (api === undefined) throw new Error('Expected WebAssembly, but this Node.js runs without it');
  const exported = new api.Instance(new api.Module(Buffer.from(COMPILED, 'base64')), {}).exports as Exports & Globals;
  if (exported.open() === 0) throw new Error('Expected memory for the kernel, but there is none left');
  const at = Object.fromEntries(GLOBALS.map((name) => [name, exported[name].value])) as Readonly<Record<keyof Globals, number>>;
  const { buffer } = exported.memory;
  const words = (place: number, length: number) => new Uint32Array(buffer, place, length);
  const byLine = (place: number) => words(place, at.MAX_LINES);
  return {
    calls: exported as Omit<Exports, 'memory'>,
    limits: { bytes: at.MAX_BYTES, columns: at.MAX_COLUMNS, lines: at.MAX_LINES, metrics: at.MAX_METRICS, plan: at.MAX_PLAN },
    bytes: Buffer.from(buffer),
    planAt: at.PLAN,
    data: at.DATA,
    starts: words(at.STARTS, at.MAX_LINES + 1),
    types: byLine(at.TYPES),
    dates: byLine(at.DATES),
    clocks: byLine(at.CLOCKS),
    sources: byLine(at.SOURCES),
    sourceLengths: byLine(at.SOURCE_LENGTHS),
    ids: byLine(at.IDS),
    idLengths: byLine(at.ID_LENGTHS),
    places: new Int32Array(buffer, at.PLACES, at.MAX_LINES),
    runs: byLine(at.RUNS),
    /** By code, the address and the length of a text. */
    texts: words(at.TEXTS, 2 * at.MAX_TEXTS),
    /** By group, the line that it was first seen in. */
    firsts: words(at.FIRSTS, at.MAX_GROUPS),
    groupsOf: (slot: number) => byLine(at.GROUPS + 4 * at.MAX_LINES * slot),
    column: (column: number) => new Float64Array(buffer, at.COLUMNS + 8 * at.MAX_LINES * column, at.MAX_LINES),
  };
};
export type Instance = ReturnType<typeof openInstance>;

let opened: Instance | null = null;
/**
 * The kernel of this thread: memory of WebAssembly is never given back, so there is one, of a fixed size.
 * @throws if this machine cannot run it.
 */
export const instance = (): Instance => (opened ??= openInstance());

let owner: object | null = null;
let isTaken = false;
/** Takes the kernel until it is given back. Whether that is possible, and whether another one had it meanwhile. */
export const takeKernel = (by: object): 'busy' | 'as it was' | 'changed' => {
  if (isTaken) return 'busy';
  isTaken = true;
  const was = owner;
  owner = by;
  return was === by ? 'as it was' : 'changed';
};
export const giveBackKernel = (): void => {
  isTaken = false;
};
