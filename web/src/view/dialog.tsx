import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { Close } from "./icons.js";

interface DialogProps {
  readonly title: string;
  readonly kind?: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
}

/** The browser's own dialog: it holds the focus while it is open, and gives it back. */
export function Dialog({ title, kind = "", close, children }: DialogProps) {
  const element = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => {
      dialog?.close();
    };
  }, []);
  return (
    <dialog
      class={`dialog ${kind}`}
      ref={element}
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onClick={(event) => {
        // The backdrop is the dialog's own box around what it holds.
        if (event.target === event.currentTarget) {
          close();
        }
      }}
    >
      <div class="dialog-body">
        <header class="dialog-head">
          <h2>{title}</h2>
          <button type="button" class="icon-button" aria-label="Close" onClick={close}>
            <Close />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
