import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icon.tsx';

interface DialogProps {
  readonly className: string;
  /** The id of its heading. */
  readonly labelledBy: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A dialog of the browser's own, which keeps the focus and gives it back. A click beside it closes it. */
export const Dialog = ({ className, labelledBy, onClose, children }: DialogProps) => {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const dialog = element.current;
    // The dialog itself is hit only beside what is in it.
    dialog?.addEventListener('click', ({ target }) => target === dialog && dialog.close());
    dialog?.showModal();
    return () => (before instanceof HTMLElement ? before.focus() : undefined);
  }, []);
  return (
    <dialog class={className} ref={element} onClose={onClose} aria-labelledby={labelledBy}>
      {children}
    </dialog>
  );
};
export const CloseButton = () => (
  <button type="button" class="btn icon" aria-label="Close" onClick={(event) => event.currentTarget.closest('dialog')?.close()}>
    <Icon name="close" />
  </button>
);

interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  readonly action: string;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}
/** Asks before something that changes the server. */
export const Confirm = ({ title, text, action, onConfirm, onClose }: ConfirmProps) => (
  <Dialog className="modal small" labelledBy="confirm" onClose={onClose}>
    <div class="modal-in">
      <h2 id="confirm">{title}</h2>
      <p>{text}</p>
      <div class="q-acts end">
        <button type="button" class="btn" onClick={onClose}>
          Leave it
        </button>
        <button type="button" class="btn primary" onClick={onConfirm}>
          {action}
        </button>
      </div>
    </div>
  </Dialog>
);
