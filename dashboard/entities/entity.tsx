import type { EntityKind } from '../api/open-api.ts';
import { Icon } from '../parts/icon.tsx';
import { Problem } from '../parts/problem.tsx';
import { linkTo } from '../state/place.ts';
import { useCall } from '../state/use-call.ts';
import { FieldValue, fieldName } from './fields.tsx';

const pathOf = (key: string): string => key.split('/').map(encodeURIComponent).join('/');

/** One entity: its fields as its events left them. */
export const Entity = ({ kind, id }: { readonly kind: EntityKind; readonly id: string }) => {
  const { value: entity, error, again } = useCall<Readonly<Record<string, unknown>>>(`/entities/${encodeURIComponent(kind.name)}/${pathOf(id)}`);
  return (
    <div class="page">
      <a class="backl" href={linkTo({ id: kind.name })}>
        <Icon name="back" />
        All of {kind.name}
      </a>
      <div class="page-h">
        <p class="eyebrow">{kind.name}</p>
        <h1 dir="auto">{id}</h1>
      </div>
      {error !== null && entity === null ? (
        error.status === 404 ? (
          <div class="problem">
            <h2>There is no such {kind.name}</h2>
            <p>It appears with its first event. Was the name written as the events have it?</p>
          </div>
        ) : (
          <Problem error={error} name={kind.name} onAgain={again} />
        )
      ) : entity === null ? (
        <div class="ghost-chart" />
      ) : (
        <dl class="props">
          {Object.entries(entity)
            .filter(([, value]) => value !== id)
            .map(([name, value]) => (
              <div key={name}>
                <dt>{fieldName(name)}</dt>
                <dd>
                  <FieldValue value={value} isLong />
                </dd>
              </div>
            ))}
        </dl>
      )}
    </div>
  );
};
