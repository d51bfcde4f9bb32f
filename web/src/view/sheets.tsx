import type { FunctionComponent } from "preact";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useView } from "./context.js";
import { Dialog } from "./dialog.js";
import type { Sheet } from "./ui.js";

type Page = FunctionComponent<{ readonly close: () => void }>;

/** Loaded when they are asked for: none is needed to read and to write. */
const PAGES: Record<Sheet, () => Promise<{ readonly default: Page }>> = {
  settings: () => import("./settings.js"),
  shortcuts: () => import("./shortcuts.js"),
  palette: () => import("./palette.js"),
  rooms: () => import("./rooms.js"),
  place: () => import("./placesheet.js"),
};

export function Sheets() {
  const { ui } = useView();
  const sheet = ui.sheet.value;
  return (
    <>
      {sheet === undefined ? null : <Lazy key={sheet} sheet={sheet} />}
      <Asked />
    </>
  );
}

function Lazy({ sheet }: { readonly sheet: Sheet }) {
  const { ui } = useView();
  const loaded = useSignal<{ readonly page: Page } | undefined>(undefined);
  useEffect(() => {
    let isWanted = true;
    PAGES[sheet]().then(
      (module) => {
        if (isWanted) {
          loaded.value = { page: module.default };
        }
      },
      () => {
        ui.sheet.value = undefined;
        ui.toast.value = "This part of the page could not be loaded";
      },
    );
    return () => {
      isWanted = false;
    };
  }, [sheet]);
  const Page = loaded.value?.page;
  return Page === undefined ? null : (
    <Page
      close={() => {
        if (ui.sheet.peek() === sheet) {
          ui.sheet.value = undefined;
        }
      }}
    />
  );
}

/** Asks before something that can not be undone. */
function Asked() {
  const { ui } = useView();
  const question = ui.question.value;
  if (question === undefined) {
    return null;
  }
  const close = () => (ui.question.value = undefined);
  return (
    <Dialog title={question.action} kind="small" close={close}>
      <p>{question.text}</p>
      <div class="dialog-foot">
        <button type="button" class="button" onClick={close}>
          Cancel
        </button>
        <button
          type="button"
          class="button danger"
          onClick={() => {
            close();
            question.run();
          }}
        >
          {question.action}
        </button>
      </div>
    </Dialog>
  );
}
