import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { Segments } from '../parts/segments.tsx';
import { go, usePlace } from '../state/place.ts';
import { useRested } from '../state/use-rested.ts';
import { Entity } from './entity.tsx';
import { Hits } from './hits.tsx';
import { entityKinds } from './kinds.ts';

/** What events left behind: searched as you type. */
export const Entities = () => {
  const { id, search } = usePlace();
  const typed = useRested(search);
  const kinds = entityKinds.use();
  const [name = '', ...key] = id.split('/');
  if (kinds === null) return <div class="page" />;
  const [first] = kinds;
  const kind = kinds.find((one) => one.name === name) ?? first;
  if (kind === undefined)
    return (
      <Page title="Entities">
        <div class="problem">
          <h2>This pipeline has no entities</h2>
          <p>
            An entity is what events leave behind, such as a page or a customer: add <code>entities</code> to pipeline.ts.
          </p>
        </div>
      </Page>
    );
  if (key.length > 0) return <Entity kind={kind} id={key.join('/')} key={id} />;
  return (
    <Page title="Entities" about={`Each as its events left it${kind.isSearched ? ', searched as you type' : ''}.`}>
      <div class="search">
        {kinds.length < 2 ? null : (
          <Segments
            label="Kind"
            value={kind.name}
            options={kinds.map((one) => ({ value: one.name, name: one.name }))}
            onChoose={(value) => go({ id: value }, { replace: true })}
          />
        )}
        {kind.isSearched ? (
          <label class="search-in">
            <Icon name="search" />
            <span class="vh">Search</span>
            <input
              id="search"
              type="search"
              value={search}
              placeholder={`words of a ${kind.name}`}
              onInput={(event) => go({ search: event.currentTarget.value }, { replace: true })}
            />
            <kbd>/</kbd>
          </label>
        ) : null}
      </div>
      <Hits kind={kind} search={typed} key={kind.name} />
    </Page>
  );
};
