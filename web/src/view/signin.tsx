import { useSignal } from "@preact/signals";
import { useView } from "./context.js";
import { parseRoute } from "./route.js";

export function SignInPage() {
  const { chat } = useView();
  const session = chat.session.value;
  const kind = useSignal<"name" | "credential">("name");
  const text = useSignal("");
  const isName = kind.value === "name";
  const problem = session.kind === "out" ? session.problem : undefined;
  const isAwaited = parseRoute(location.hash) !== undefined;

  const submit = (event: Event) => {
    event.preventDefault();
    const value = text.value.trim();
    if (value !== "") {
      chat.signIn(isName ? { kind: "name", name: value } : { kind: "credential", token: value });
    }
  };
  const choose = (chosen: "name" | "credential") => {
    if (kind.value !== chosen) {
      kind.value = chosen;
      text.value = "";
    }
  };

  return (
    <main class="signin">
      <form class="card" onSubmit={submit} aria-labelledby="signin-title">
        <h1 id="signin-title">Sign in to chat</h1>
        {isAwaited ? <p class="quiet">The conversation of the link opens as soon as you are in.</p> : null}
        <fieldset class="choice">
          <legend class="hidden">How do you sign in?</legend>
          <label>
            <input
              type="radio"
              name="kind"
              checked={isName}
              onChange={() => {
                choose("name");
              }}
            />
            <span>By name</span>
          </label>
          <label>
            <input
              type="radio"
              name="kind"
              checked={!isName}
              onChange={() => {
                choose("credential");
              }}
            />
            <span>By key or token</span>
          </label>
        </fieldset>
        <label class="field">
          <span>{isName ? "Your name" : "Key or token"}</span>
          <input
            key={kind.value}
            type={isName ? "text" : "password"}
            value={text.value}
            maxLength={isName ? 64 : 8192}
            autocomplete={isName ? "nickname" : "off"}
            autocapitalize={isName ? "words" : "none"}
            spellcheck={false}
            dir="auto"
            required
            aria-describedby={problem === undefined ? "signin-hint" : "signin-hint signin-problem"}
            aria-invalid={problem !== undefined}
            ref={focusOnce}
            onInput={(event) => (text.value = event.currentTarget.value)}
          />
        </label>
        <p class="quiet" id="signin-hint">
          {isName
            ? "You are a guest under this name: others see it. Guests can not edit or take back what they said."
            : "An API key or a JSON Web Token from the one who runs this server. It stays in this browser."}
        </p>
        {problem === undefined ? null : (
          <p class="problem" id="signin-problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="button primary wide">
          Sign in
        </button>
      </form>
    </main>
  );
}

function focusOnce(element: HTMLElement | null) {
  if (element !== null && element.dataset["focused"] === undefined) {
    element.dataset["focused"] = "";
    element.focus();
  }
}
