import { copy } from "../actions.js";
import { useView } from "../context.js";
import { Copy } from "../icons.js";

interface CodeBlockProps {
  readonly text: string;
  readonly language?: string | undefined;
}

export function CodeBlock({ text, language }: CodeBlockProps) {
  const view = useView();
  return (
    <div class="code">
      <div class="code-head">
        <bdi>{language ?? "code"}</bdi>
        <button
          type="button"
          class="icon-button"
          aria-label="Copy code"
          title="Copy code"
          onClick={() => {
            copy(view, text, "Code copied");
          }}
        >
          <Copy />
        </button>
      </div>
      <pre tabIndex={0} dir="ltr">
        <code>{text}</code>
      </pre>
    </div>
  );
}
