/** What engines put around a match; control characters, which are never part of a word. */
export const OPEN = '\u0001';
export const CLOSE = '\u0002';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);

/** A text with <mark> around these half-open parts, which are in order and do not overlap; the rest is safe to show as HTML. */
export const markUp = (text: string, parts: readonly (readonly [from: number, to: number])[]): string => {
  let at = 0;
  let html = '';
  for (const [from, to] of parts) {
    html += `${escapeHtml(text.slice(at, from))}<mark>${escapeHtml(text.slice(from, to))}</mark>`;
    at = to;
  }
  return html + escapeHtml(text.slice(at));
};
