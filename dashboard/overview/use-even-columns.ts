import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { evenColumns } from './even-columns.ts';

/** Sets `--columns` of an element with so many parts, by its width. */
export const useEvenColumns = (element: RefObject<HTMLElement | null>, count: number, leastWidth: number): void =>
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return;
    const resized = new ResizeObserver(() => current.style.setProperty('--columns', String(evenColumns(count, current.clientWidth, leastWidth))));
    resized.observe(current);
    return () => resized.disconnect();
  }, [count]);
