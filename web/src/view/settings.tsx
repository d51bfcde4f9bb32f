import { useSignal } from "@preact/signals";
import { useView } from "./context.js";
import { Dialog } from "./dialog.js";

export default function Settings({ close }: { readonly close: () => void }) {
  const { chat, ui } = useView();
  const preferences = chat.preferences.value;
  const session = chat.session.value;

  return (
    <Dialog title="Settings" close={close}>
      {session.kind === "in" ? <Name name={session.name} /> : null}
      <Choice
        title="Theme"
        value={preferences.theme}
        values={[
          ["system", "Like the system"],
          ["light", "Light"],
          ["dark", "Dark"],
        ]}
        choose={(theme) => {
          chat.prefer({ theme });
        }}
      />
      <Choice
        title="Text size"
        value={preferences.textSize}
        values={[
          ["small", "Small"],
          ["normal", "Normal"],
          ["large", "Large"],
        ]}
        choose={(textSize) => {
          chat.prefer({ textSize });
        }}
      />
      <Switch
        title="Enter sends"
        hint="Otherwise Enter begins a new line, and Ctrl and Enter send."
        on={preferences.enterSends}
        turn={(enterSends) => {
          chat.prefer({ enterSends });
        }}
      />
      <Switch
        title="Notifications"
        hint="Of what you have not seen. The browser asks once."
        on={preferences.notifications}
        turn={(notifications) => {
          chat.prefer({ notifications });
        }}
      />
      <Switch
        title="Sound"
        hint="With a notification."
        on={preferences.sound}
        turn={(sound) => {
          chat.prefer({ sound });
        }}
      />
      <Switch
        title="Tell others what I have read"
        hint="Without it nobody sees how far you have read, nor do your other devices know."
        on={preferences.sendReceipts}
        turn={(sendReceipts) => {
          chat.prefer({ sendReceipts });
        }}
      />
      <div class="dialog-foot">
        <button type="button" class="button" onClick={() => (ui.sheet.value = "shortcuts")}>
          Keyboard shortcuts
        </button>
        <button
          type="button"
          class="button danger"
          onClick={() => {
            close();
            ui.question.value = {
              text: "Sign out here? What you have not sent yet and your drafts are forgotten.",
              action: "Sign out",
              run: () => {
                chat.signOut();
              },
            };
          }}
        >
          Sign out
        </button>
      </div>
    </Dialog>
  );
}

function Name({ name }: { readonly name: string }) {
  const { chat } = useView();
  const text = useSignal(name);
  const isOther = text.value.trim() !== "" && text.value.trim() !== name;
  return (
    <form
      class="field-line"
      onSubmit={(event) => {
        event.preventDefault();
        if (isOther) {
          chat.rename(text.value.trim());
        }
      }}
    >
      <label class="field">
        <span>Your name</span>
        <input
          dir="auto"
          maxLength={64}
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="button" disabled={!isOther}>
        Change
      </button>
    </form>
  );
}

interface ChoiceProps<T extends string> {
  readonly title: string;
  readonly value: T;
  readonly values: readonly (readonly [T, string])[];
  readonly choose: (value: T) => void;
}

export function Choice<T extends string>({ title, value, values, choose }: ChoiceProps<T>) {
  return (
    <fieldset class="choice">
      <legend>{title}</legend>
      {values.map(([one, words]) => (
        <label key={one}>
          <input
            type="radio"
            name={title}
            checked={one === value}
            onChange={() => {
              choose(one);
            }}
          />
          <span>{words}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface SwitchProps {
  readonly title: string;
  readonly hint: string;
  readonly on: boolean;
  readonly turn: (on: boolean) => void;
}

export function Switch({ title, hint, on, turn }: SwitchProps) {
  const id = `hint-${title.replaceAll(" ", "-").toLowerCase()}`;
  return (
    <div class="switch">
      <label>
        <span>{title}</span>
        <input
          type="checkbox"
          role="switch"
          checked={on}
          aria-describedby={id}
          onChange={(event) => {
            const wanted = event.currentTarget.checked;
            // It is on when the model says so, and not before.
            event.currentTarget.checked = on;
            turn(wanted);
          }}
        />
      </label>
      <p class="quiet" id={id}>
        {hint}
      </p>
    </div>
  );
}
