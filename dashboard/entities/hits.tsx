import type { EntityKind } from '../api/open-api.ts';
import { Problem } from '../parts/problem.tsx';
import { linkTo } from '../state/place.ts';
import { useCall } from '../state/use-call.ts';
import { plural } from '../words/numbers.ts';
import { FieldValue, fieldName } from './fields.tsx';
import { Marked } from './marked.tsx';

interface Found {
  readonly total: number;
  readonly hits: readonly {
    readonly key: string;
    readonly entity: Readonly<Record<string, unknown>>;
    readonly highlights: Readonly<Record<string, string>>;
  }[];
}
const SHOWN = 50;
const COLUMNS = 4;

const orderOf = ({ sortable }: EntityKind, search: string): string | null => (search.trim() === '' && sortable[0] !== undefined ? sortable[0] : null);

/** What a search found, with marks where it matched. */
export const Hits = ({ kind, search }: { readonly kind: EntityKind; readonly search: string }) => {
  const order = orderOf(kind, search);
  const query = [`limit=${SHOWN}`, ...(search.trim() === '' ? [] : [`q=${encodeURIComponent(search)}`]), ...(order === null ? [] : [`order=-${order}`])].join(
    '&',
  );
  const { value: found, error, again } = useCall<Found>(`/entities/${encodeURIComponent(kind.name)}?${query}`);
  if (error !== null && found === null) return <Problem error={error} name={kind.name} onAgain={again} />;
  if (found === null) return <div class="ghost-chart tall" />;
  if (found.hits.length === 0)
    return (
      <div class="problem" role="status">
        <h2>{search.trim() === '' ? `There is no ${kind.name} yet` : `No ${kind.name} has “${search}”`}</h2>
        <p>
          {search.trim() === '' ? 'It appears with its first event.' : 'All words must be found, in any order; the last one may be the beginning of a word.'}
        </p>
      </div>
    );
  const [first] = found.hits;
  // The key is the first column; a field that says the same is not said twice.
  const columns = Object.keys(first?.entity ?? {})
    .filter((name) => found.hits.some(({ key, entity }) => entity[name] !== key))
    .slice(0, COLUMNS);
  const title = Object.keys(first?.entity ?? {}).find((name) => found.hits.every(({ key, entity }) => entity[name] === key));
  const isNumber = (name: string) => found.hits.every(({ entity }) => typeof entity[name] === 'number' || entity[name] === null);
  return (
    <>
      <p class="count" role="status">
        {plural(found.total, kind.name)}, {search.trim() !== '' ? 'best match first' : order === null ? 'by name' : `most ${fieldName(order)} first`}
      </p>
      <div class="panel flush">
        <table class="grid hits">
          <thead>
            <tr>
              <th scope="col">{title === undefined ? kind.name : fieldName(title)}</th>
              {columns.map((name) => (
                <th scope="col" class={isNumber(name) ? 'n' : 'hide-s'} key={name}>
                  {fieldName(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.hits.map(({ key, entity, highlights }) => (
              <tr key={key}>
                <th scope="row" dir="auto">
                  <a href={linkTo({ id: `${kind.name}/${key}` })}>
                    {title !== undefined && highlights[title] !== undefined ? <Marked highlight={highlights[title]} /> : key}
                  </a>
                </th>
                {columns.map((name) => (
                  <td class={isNumber(name) ? 'n' : 'hide-s'} key={name}>
                    {highlights[name] === undefined ? <FieldValue value={entity[name]} /> : <Marked highlight={highlights[name]} />}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
};
