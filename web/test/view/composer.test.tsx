// @vitest-environment happy-dom
import { act, fireEvent, screen } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import { LONGEST } from "../../src/view/composer.js";
import { candidates, mentionAt } from "../../src/view/mentions.js";
import { ADA, BOB, EVE, PREFERENCES, chat, conversation, message } from "./fake.js";
import { asked, freshPages, show } from "./mount.js";

freshPages();

function area(): HTMLTextAreaElement {
  return screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
}

async function type(text: string): Promise<void> {
  await act(() => {
    area().value = text;
    area().setSelectionRange(text.length, text.length);
    fireEvent.input(area());
  });
}

async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
  await act(() => {
    fireEvent.keyDown(area(), { key, ...more });
  });
}

function sendButton(): HTMLButtonElement {
  return screen.getByRole<HTMLButtonElement>("button", { name: "Send" });
}

describe("the composer", () => {
  test("sends with Enter, and makes a new line with Shift", async () => {
    const it = conversation([message(1)]);
    show(chat(it));
    expect(sendButton().disabled).toBe(true);
    await type("hello");
    expect(it.draft.value.text).toBe("hello");
    await press("Enter", { shiftKey: true });
    expect(asked(it, "send")).toEqual([]);
    await press("Enter");
    expect(asked(it, "send")).toEqual([[{ text: "hello" }]]);
    expect(area().value).toBe("");
  });

  test("sends with Ctrl and Enter where Enter begins a line", async () => {
    const it = conversation([message(1)]);
    const fake = chat(it);
    fake.preferences.value = { ...PREFERENCES, enterSends: false };
    show(fake);
    await type("hello");
    await press("Enter");
    expect(asked(it, "send")).toEqual([]);
    await press("Enter", { ctrlKey: true });
    expect(asked(it, "send")).toHaveLength(1);
  });

  test("sends nothing while a word is being composed, and nothing that is blank", async () => {
    const it = conversation([message(1)]);
    show(chat(it));
    await type("ni");
    await press("Enter", { isComposing: true });
    await type("  \n ");
    await press("Enter");
    expect(asked(it, "send")).toEqual([]);
  });

  test.each(["connecting", "waiting", "offline", "ended"] as const)(
    "keeps what is typed while the connection is %s, and sends nothing",
    async (kind) => {
      const it = conversation([message(1)]);
      const fake = chat(it);
      fake.connection.value = {
        kind,
        retryAt: Date.now() + 5000,
        reason: "closed",
      };
      show(fake);
      await type("later");
      expect(it.draft.value.text).toBe("later");
      expect(sendButton().disabled).toBe(true);
      await press("Enter");
      expect(asked(it, "send")).toEqual([]);
      expect(area().value).toBe("later");
      expect(document.getElementById("composer-state")?.textContent).toContain("Your text is kept.");
      await act(() => {
        fake.connection.value = { kind: "online" };
      });
      expect(sendButton().disabled).toBe(false);
      expect(area().value).toBe("later");
    },
  );

  test("counts near the end of what fits, and sends nothing beyond it", async () => {
    const it = conversation([message(1)]);
    show(chat(it));
    await type("a".repeat(LONGEST - 10));
    expect(screen.getByText("10 characters left")).toBeTruthy();
    await type("a".repeat(LONGEST + 3));
    expect(screen.getByText("3 characters too many")).toBeTruthy();
    expect(sendButton().disabled).toBe(true);
  });

  test("shows the draft that was kept", () => {
    const it = conversation([message(1)]);
    it.draft.value = { text: "half a", replyTo: 1 };
    show(chat(it));
    expect(area().value).toBe("half a");
    expect(screen.getByRole("button", { name: "Cancel reply" })).toBeTruthy();
  });

  test("edits the last own message with the arrow up where it is empty", async () => {
    const it = conversation([message(1)]);
    show(chat(it));
    await type("a");
    await press("ArrowUp");
    expect(asked(it, "editLast")).toEqual([]);
    await type("");
    await press("ArrowUp");
    expect(asked(it, "editLast")).toHaveLength(1);
  });

  test("ends a reply with Escape and keeps the text, and ends an edit without it", async () => {
    const it = conversation([message(1)]);
    it.draft.value = { text: "a", replyTo: 1 };
    show(chat(it));
    await press("Escape");
    expect(it.draft.value).toEqual({ text: "a", replyTo: undefined });
    await act(() => {
      it.draft.value = { text: "old", editing: 1 };
    });
    await press("Escape");
    expect(it.draft.value.text).toBe("");
    expect(it.draft.value.editing).toBeUndefined();
  });

  test("completes who is named, by keys", async () => {
    const it = conversation([message(1)]);
    show(chat(it));
    await type("hello @");
    expect(screen.getAllByRole("option")).toHaveLength(3);
    await press("ArrowDown");
    expect(screen.getAllByRole("option").map((one) => one.getAttribute("aria-selected"))).toEqual([
      "false",
      "true",
      "false",
    ]);
    expect(area().getAttribute("aria-activedescendant")).toBe("mention-1");
    await press("Enter");
    expect(it.draft.value.text).toBe("hello @Bob ");
    expect(screen.queryByRole("option")).toBeNull();
    expect(asked(it, "send")).toEqual([]);
    await type("hello @e");
    await press("Escape");
    expect(screen.queryByRole("option")).toBeNull();
  });
});

describe("a mention", () => {
  test.each([
    ["@", 1, { start: 0, prefix: "" }],
    ["hi @Ad", 6, { start: 3, prefix: "Ad" }],
    ["hi @Ad", 5, { start: 3, prefix: "A" }],
    ["(@é", 3, { start: 1, prefix: "é" }],
    ["a@b", 3, undefined],
    ["@a b", 4, undefined],
    ["", 0, undefined],
  ])("in %j at %i", (text, caret, found) => {
    expect(mentionAt(text, caret)).toEqual(found);
  });

  test("may be of those whose name or id begins so, then of those who have it inside", () => {
    const people = [EVE, BOB, ADA, { user: "x", name: "Zadie" }];
    expect(candidates(people, "").map(({ name }) => name)).toEqual(["Ada", "Bob", "Eve", "Zadie"]);
    expect(candidates(people, "AD").map(({ name }) => name)).toEqual(["Ada", "Zadie"]);
    expect(candidates(people, "x").map(({ name }) => name)).toEqual(["Zadie"]);
    expect(candidates(people, "q")).toEqual([]);
  });
});
