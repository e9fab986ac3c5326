interface LegendProps {
  readonly batch: boolean;
  readonly live: boolean;
  readonly filling: boolean;
  readonly before: string | null;
}
/** What the colours mean, for those that are there. */
export const Legend = ({ batch, live, filling, before }: LegendProps) => (
  <ul class="legend">
    {batch ? (
      <li>
        <i class="b" />
        batch
      </li>
    ) : null}
    {live ? (
      <li>
        <i class="l" />
        live
      </li>
    ) : null}
    {filling ? (
      <li>
        <i class="h" />
        still filling
      </li>
    ) : null}
    {before === null ? null : (
      <li>
        <i class="n" />
        {before}
      </li>
    )}
  </ul>
);
