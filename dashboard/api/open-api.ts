import { useEffect } from 'preact/hooks';
import { store, useStore } from '../state/store.ts';
import { call } from './http.ts';

export interface EventType {
  readonly name: string;
  /** One event, its time now. */
  readonly example: unknown;
  /** The fields of an event, with their JSON types. */
  readonly fields: readonly string[];
}
export interface EntityKind {
  readonly name: string;
  readonly isSearched: boolean;
  /** Numbers and dates. */
  readonly sortable: readonly string[];
}
/** What the page needs of the document about this pipeline. */
export interface Described {
  readonly events: readonly EventType[];
  readonly entities: readonly EntityKind[];
}

interface Parameter {
  readonly name: string;
  readonly schema?: { readonly enum?: readonly string[] };
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly example?: unknown; readonly schema?: unknown }>> };
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const nameIn = (path: string, folder: string): string | null => {
  const name = path.startsWith(`/${folder}/`) ? path.slice(folder.length + 2) : '';
  return name === '' || /[/{]/.test(name) ? null : name;
};
const eventOf = (name: string, { requestBody }: Operation): EventType => {
  const example = requestBody?.content?.['application/json']?.example ?? {};
  const fields = typeof example === 'object' && example !== null && !Array.isArray(example) ? Object.keys(example) : [];
  return { name, example, fields };
};
const entityOf = (name: string, { parameters = [] }: Operation): EntityKind => {
  const order = parameters.find((parameter) => parameter.name === 'order')?.schema?.enum ?? [];
  return { name, isSearched: parameters.some((parameter) => parameter.name === 'q'), sortable: order.filter((field) => !field.startsWith('-')) };
};

const describedIn = ({ paths }: Document): Described => {
  const all = Object.entries(paths);
  return {
    events: all.flatMap(([path, { post }]) => {
      const name = nameIn(path, 'events');
      return name === null || post === undefined ? [] : [eventOf(name, post)];
    }),
    entities: all.flatMap(([path, { get }]) => {
      const name = nameIn(path, 'entities');
      return name === null || get === undefined ? [] : [entityOf(name, get)];
    }),
  };
};

const described = store<Described | null>(null);
let isAsked = false;
/** The document, read once, when something first needs it. */
export const openApi = {
  use: (): Described | null => {
    useEffect(() => {
      if (isAsked) return;
      isAsked = true;
      call<Document>('/openapi.json').then(
        (document) => described.set(describedIn(document)),
        () => {
          isAsked = false;
        },
      );
    }, []);
    return useStore(described);
  },
};
