import { piecesOf } from './marks.ts';

/** A highlight, with what matched marked. */
export const Marked = ({ highlight }: { readonly highlight: string }) => (
  <>{piecesOf(highlight).map(({ text, isMarked }) => (isMarked ? <mark>{text}</mark> : text))}</>
);
