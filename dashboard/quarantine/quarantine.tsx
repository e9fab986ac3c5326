import { Icon } from '../parts/icon.tsx';
import { Page } from '../parts/page.tsx';
import { Problem } from '../parts/problem.tsx';
import { go, usePlace } from '../state/place.ts';
import { serverNow } from '../state/session.ts';
import { useCall } from '../state/use-call.ts';
import { useZone } from '../state/use-range.ts';
import { number, plural } from '../words/numbers.ts';
import { moment } from '../words/times.ts';
import { Group } from './group.tsx';
import { keyOf, type Group as OneGroup, shortly } from './groups.ts';

interface Listed {
  readonly groups?: readonly OneGroup[];
  readonly more: boolean;
}

/** What was rejected, by reason; each with one event, what to do, and what can be done here. */
export const Quarantine = () => {
  const { id } = usePlace();
  const zone = useZone();
  const { value, error, again } = useCall<Listed>('/quarantine?by=reason,path');
  const groups = value?.groups ?? [];
  if (error !== null && value === null)
    return (
      <Page title="Quarantine">
        <Problem error={error} name="quarantine" onAgain={again} />
      </Page>
    );
  if (value === null) return <div class="page" />;
  const chosen = groups.find((group) => keyOf(group) === id) ?? groups[0];
  if (chosen === undefined)
    return (
      <Page title="Quarantine">
        <div class="calm">
          <Icon name="done" />
          <h2>Nothing waits here.</h2>
          <p>An event that cannot be counted is kept with its reason, until you send it again or remove it.</p>
        </div>
      </Page>
    );
  const count = groups.reduce((sum, group) => sum + group.count, 0);
  return (
    <Page
      isWide
      title="Quarantine"
      about={`${plural(count, 'entry', 'entries')}${value.more ? ', and more,' : ''} could not be counted. They are kept as they came: fix the cause, then send them again. Nothing counts twice.`}
    >
      <div class="qt">
        <section class="panel list" aria-label="Reasons">
          <div class="ph">
            <h2>reasons</h2>
            <span class="ph-k">entries</span>
          </div>
          <ol>
            {groups.map((group) => (
              <li key={keyOf(group)}>
                <button
                  type="button"
                  class={`row q ${group === chosen ? 'on' : ''}`}
                  aria-current={group === chosen}
                  onClick={() => go({ id: keyOf(group) }, { replace: true })}
                >
                  <span>
                    <b class="q-t">
                      {group.path === '' ? null : <code>{group.path}</code>} {shortly(group)}
                    </b>
                    <small>
                      {group.reason}, last {moment(Date.parse(group.last), zone, serverNow())}
                    </small>
                  </span>
                  <b>{number(group.count)}</b>
                </button>
              </li>
            ))}
          </ol>
        </section>
        <Group group={chosen} key={keyOf(chosen)} onChanged={again} />
      </div>
    </Page>
  );
};
