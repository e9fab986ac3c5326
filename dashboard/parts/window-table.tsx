import { number } from '../words/numbers.ts';

export interface Column {
  readonly name: string;
  readonly values: readonly (number | null | undefined)[];
}
interface WindowTableProps {
  readonly caption: string;
  readonly windows: readonly string[];
  readonly columns: readonly Column[];
}

/** What a chart shows, as numbers. */
export const WindowTable = ({ caption, windows, columns }: WindowTableProps) => (
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
              <td key={`${k} ${name}`}>{number(values[i])}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </section>
);
