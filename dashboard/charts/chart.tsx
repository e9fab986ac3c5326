import { useEffect, useRef } from 'preact/hooks';
import { type ChartHandle, chartOn } from './plot.ts';
import type { ChartSpec } from './spec.ts';

interface ChartProps extends ChartSpec {
  /** For screen readers: what there is to see. */
  readonly label: string;
}

/** One chart. Arrow keys go from window to window, Enter chooses one. */
export const Chart = (props: ChartProps) => {
  const { label, ...spec } = props;
  const host = useRef<HTMLDivElement>(null);
  const handle = useRef<ChartHandle | null>(null);
  const newest = useRef<ChartSpec>(spec);
  newest.current = spec;
  // A chart of another form is another chart.
  const form = `${spec.zone} ${spec.height} ${spec.isSmall === true} ${spec.data.length} ${spec.scale ?? ''}`;
  useEffect(() => {
    if (host.current === null) return;
    const made = chartOn(host.current, () => newest.current);
    handle.current = made;
    return made.destroy;
  }, [form]);
  useEffect(() => handle.current?.update());
  return <div class="chart" ref={host} tabIndex={spec.isSmall === true ? -1 : 0} role="img" aria-label={label} style={{ height: `${spec.height}px` }} />;
};
