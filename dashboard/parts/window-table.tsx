import { number } from '../words/numbers.ts';

export interface Column {
  readonly name: string;
  readonly values: readonly (number | null | undefined)[];
}
interface WindowTableProps {
  readonly caption: string;
  readonly windows: readonly string[];
  readonly columns: readonly Column[];
  /** A click on a number. */
  readonly onPick: (window: number, column: number) => void;
}

/** What a chart shows, as numbers. */
export const WindowTable = ({ caption, windows, columns, onPick }: WindowTableProps) => (
  <section class="tbl" tabIndex={0} aria-label={caption}>
    <table>
      <caption class="vh">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">window</th>
          {columns.map(({ name }, i) => (
            <th scope="col" key={`${i} ${name}`}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {windows.map((window, i) => (
          <tr key={window}>
            <th scope="row">{window}</th>
            {columns.map(({ name, values }, k) => (
              <td key={`${k} ${name}`}>
                {values[i] === null || values[i] === undefined ? (
                  number(values[i])
                ) : (
                  <button type="button" class="amount" title="What is this made of?" onClick={() => onPick(i, k)}>
                    {number(values[i])}
                  </button>
                )}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);
