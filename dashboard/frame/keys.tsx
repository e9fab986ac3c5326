import { CloseButton, Dialog } from '../parts/dialog.tsx';
import { VIEWS } from './views.ts';

const KEYS: readonly (readonly [string, readonly (readonly [keys: string, does: string])[]])[] = [
  ['Go to', VIEWS.map(({ key, title }) => [`g ${key}`, title] as const)],
  [
    'Time',
    [
      ['1 2 3 4', '1 h, 12 h, 24 h, 7 d'],
      ['[ ]', 'Earlier, later'],
      ['r', 'Any range, and the zone'],
      ['z', 'Back to the newest'],
      ['c', 'Compare, or not'],
    ],
  ],
  [
    'On a chart',
    [
      ['← →', 'Window by window'],
      ['Enter', 'What is this made of?'],
      ['drag', 'Zoom in'],
    ],
  ],
  [
    'Everywhere',
    [
      ['/', 'Search'],
      ['e', 'Explain the chosen measure'],
      ['x', 'Remove the last filter'],
      ['t', 'Light or dark'],
      ['l', 'Stop or go on with live'],
      ['?', 'This list'],
      ['Esc', 'Close'],
    ],
  ],
];

export const Keys = ({ onClose }: { readonly onClose: () => void }) => (
  <Dialog className="modal keys" labelledBy="keys" onClose={onClose}>
    <div class="modal-in">
      <header>
        <h2 id="keys">Keyboard</h2>
        <CloseButton />
      </header>
      <div class="keys-g">
        {KEYS.map(([heading, list]) => (
          <section key={heading}>
            <h3>{heading}</h3>
            <dl>
              {list.map(([keys, does]) => (
                <div key={keys}>
                  <dt>
                    {keys.split(' ').map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{does}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </div>
  </Dialog>
);
