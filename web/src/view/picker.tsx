import { useSignal } from "@preact/signals";

const OFTEN = ["👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👀", "✅", "🔥"];
const RECENT = "topicstream.chat.reactions";
const KEPT = 5;

/** A few that are used often, those of the last time before them, and any other by typing it. */
export function ReactionPicker({ choose }: { readonly choose: (value: string) => void }) {
  const other = useSignal("");
  const values = [...new Set([...recent(), ...OFTEN])].slice(0, 12);
  const take = (value: string) => {
    remember(value);
    choose(value);
  };
  return (
    <form
      role="dialog"
      aria-label="Choose a reaction"
      class="picker"
      onSubmit={(event) => {
        event.preventDefault();
        const value = other.value.trim();
        if (value !== "") {
          take(value);
        }
      }}
    >
      <div class="picker-often">
        {values.map((value) => (
          <button
            key={value}
            type="button"
            aria-label={`React with ${value}`}
            onClick={() => {
              take(value);
            }}
          >
            {value}
          </button>
        ))}
      </div>
      <input
        aria-label="Another reaction"
        placeholder="Another…"
        maxLength={16}
        value={other.value}
        onInput={(event) => (other.value = event.currentTarget.value)}
      />
    </form>
  );
}

function recent(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(RECENT) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string").slice(0, KEPT) : [];
  } catch {
    return [];
  }
}

function remember(value: string): void {
  try {
    localStorage.setItem(RECENT, JSON.stringify([...new Set([value, ...recent()])].slice(0, KEPT)));
  } catch {
    // Nothing is kept then.
  }
}
