const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
const plain = (text: string): string => text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name: string) => NAMED[name] ?? '');

/** A highlight comes as escaped HTML with <mark>: its marks become elements, the rest is text. */
export const piecesOf = (highlight: string): readonly { readonly text: string; readonly isMarked: boolean }[] =>
  highlight
    .split(/(<mark>.*?<\/mark>)/s)
    .filter((piece) => piece !== '')
    .map((piece) => {
      const [, inner] = /^<mark>(.*)<\/mark>$/s.exec(piece) ?? [];
      return { text: plain(inner ?? piece), isMarked: inner !== undefined };
    });
