/** What a window's tip says. */
export interface TipRow {
  readonly name: string;
  readonly value: string;
  /** A custom property of the style sheet, without its dashes. */
  readonly colour?: string;
  readonly mark?: 'line' | 'hatch';
  readonly note?: string;
  readonly isQuiet?: boolean;
}
export interface Tip {
  readonly title: string;
  readonly rows: readonly TipRow[];
  readonly foot?: string;
}

const element = (tag: string, className: string, text = ''): HTMLElement => {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text;
  return made;
};
const MARKS = { line: 'ln', hatch: 'ht' } as const;
const rowOf = ({ name, value, colour, mark, note, isQuiet }: TipRow): HTMLElement => {
  const row = element('div', `tip-r${isQuiet === true ? ' quiet' : ''}`);
  const key = element('i', mark === undefined ? '' : MARKS[mark]);
  key.style.background = colour === undefined ? 'transparent' : `var(--${colour})`;
  row.append(key, element('span', '', name), element('b', '', value));
  if (note !== undefined && note !== '') row.append(element('em', '', note));
  return row;
};

/** Fills a tip's element. Texts are set as texts: they are data. */
export const fillTip = (into: HTMLElement, { title, rows, foot }: Tip): void => {
  into.replaceChildren(element('div', 'tip-h', title), ...rows.map(rowOf), ...(foot === undefined ? [] : [element('div', 'tip-f', foot)]));
};
