import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

const AHEAD = '800px';

/** Renders its children once they are about to be seen: a page of many metrics asks for those alone that somebody looks at. */
export const WhenNear = ({ id, children }: { readonly id: string; readonly children: () => ComponentChildren }) => {
  const place = useRef<HTMLDivElement>(null);
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    if (place.current === null) return;
    const seen = new IntersectionObserver(
      (entries) => {
        if (!entries.some(({ isIntersecting }) => isIntersecting)) return;
        setNear(true);
        seen.disconnect();
      },
      { rootMargin: AHEAD },
    );
    seen.observe(place.current);
    return () => seen.disconnect();
  }, []);
  if (isNear) return <>{children()}</>;
  return <div ref={place} id={id} class="panel to-come" />;
};
