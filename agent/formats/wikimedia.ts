import { isIP } from 'node:net';

/** Wikimedia's stream of changes in all of its wikis (wikitech.wikimedia.org/wiki/Event_Platform/EventStreams_HTTP_Service). */
export const RECENT_CHANGES = 'https://stream.wikimedia.org/v2/stream/recentchange';

const NAMESPACES =
  'Main,Talk,User,User talk,Wikipedia,Wikipedia talk,File,File talk,MediaWiki,MediaWiki talk,Template,Template talk,Help,Help talk,Category,Category talk'.split(
    ',',
  );

interface Change {
  readonly type?: string;
  readonly server_name?: string;
  readonly namespace?: number;
  readonly title?: string;
  readonly user?: string;
  readonly bot?: boolean;
  readonly minor?: boolean;
  readonly patrolled?: boolean;
  readonly length?: { readonly old?: number | null; readonly new?: number | null };
  readonly meta?: { readonly dt?: string };
}

/** A change of a Wikipedia's page as an `edit` of the bundled pipeline; null for others, such as those of logs and categories. What is unreadable is unchanged. */
export const wikipediaEdit = (text: string): string | null => {
  const change = changeIn(text);
  if (change === null) return text;
  const { type, server_name: server = '', namespace = 0, user = '', length, meta } = change;
  if ((type !== 'edit' && type !== 'new') || !server.endsWith('.wikipedia.org')) return null;
  const delta = (length?.new ?? 0) - (length?.old ?? 0);
  return JSON.stringify({
    time: meta?.dt,
    channel: `#${server.slice(0, -'.org'.length)}`,
    namespace: NAMESPACES[namespace] ?? String(namespace),
    page: change.title,
    user,
    added: Math.max(0, delta),
    deleted: Math.max(0, -delta),
    delta,
    // Without an account: by address, or, on newer wikis, a temporary name.
    isAnonymous: isIP(user) !== 0 || /^~\d{4}-/.test(user),
    isMinor: change.minor ?? false,
    isNew: type === 'new',
    isRobot: change.bot ?? false,
    isUnpatrolled: change.patrolled === false,
  });
};
const changeIn = (text: string): Change | null => {
  try {
    return JSON.parse(text) as Change | null;
  } catch {
    return null;
  }
};
