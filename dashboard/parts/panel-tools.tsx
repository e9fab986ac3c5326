import { Icon } from './icon.tsx';

interface PanelToolsProps {
  readonly isTable: boolean;
  readonly onTable: () => void;
  readonly onCsv: () => void;
}
/** What every panel can: be a table, and be saved. */
export const PanelTools = ({ isTable, onTable, onCsv }: PanelToolsProps) => (
  <div class="tools">
    <button type="button" class="btn icon ghost" aria-pressed={isTable} aria-label="Show as a table" title="Table" onClick={onTable}>
      <Icon name="table" />
    </button>
    <button type="button" class="btn icon ghost" aria-label="Download as CSV" title="CSV" onClick={onCsv}>
      <Icon name="download" />
    </button>
  </div>
);
