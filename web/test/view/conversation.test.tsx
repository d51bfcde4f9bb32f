// @vitest-environment happy-dom
import { act, fireEvent, screen, within } from "@testing-library/preact";
import { describe, expect, test, vi } from "vitest";
import { Row } from "../../src/view/row.js";
import { ADA, BOB, EVE, chat, conversation, message } from "./fake.js";
import { asked, freshPages, show } from "./mount.js";

freshPages();

const OWN = { mine: true, user: BOB.user, name: BOB.name } as const;

function rowOf(offset: number): HTMLElement {
  return document.querySelector<HTMLElement>(`[data-offset="${offset}"]`) as HTMLElement;
}

describe("the timeline", () => {
  test("shows messages with who, when, and their state in words", () => {
    show(
      chat(
        conversation([
          message(1),
          message(2, { ...OWN, state: { kind: "sending" } }),
          message(3, { ...OWN, state: { kind: "sent" } }),
          message(4, { ...OWN, state: { kind: "delivered" } }),
          message(5, { ...OWN, state: { kind: "read" } }),
        ]),
      ),
    );
    const log = screen.getByRole("log", { name: "Messages" });
    expect(within(log).getAllByRole("listitem")).toHaveLength(5);
    expect(rowOf(1).textContent).toContain("Ada");
    expect(rowOf(1).querySelector(".when time")?.getAttribute("datetime")).toBe(
      new Date(message(1).at).toISOString(),
    );
    expect(rowOf(1).dataset["mine"]).toBe("false");
    expect(
      [2, 3, 4, 5].map((offset) => within(rowOf(offset)).getByRole("img").getAttribute("aria-label")),
    ).toEqual(["Sending", "Sent", "Delivered", "Read"]);
    expect([2, 3, 4, 5].map((offset) => rowOf(offset).dataset["state"])).toEqual([
      "sending",
      "sent",
      "delivered",
      "read",
    ]);
  });

  test("offers what failed to be sent again or taken away", () => {
    const it = conversation([
      message(1, { ...OWN, key: "m-1", state: { kind: "failed", reason: "too long", retryable: true } }),
    ]);
    show(chat(it));
    expect(rowOf(1).textContent).toContain("Not sent: too long");
    fireEvent.click(screen.getByRole("button", { name: "Retry" }));
    fireEvent.click(screen.getByRole("button", { name: "Discard" }));
    expect(asked(it, "retry")).toEqual([["m-1"]]);
    expect(asked(it, "discard")).toEqual([["m-1"]]);
  });

  test("says what was taken back, edited, lost, and answered", () => {
    const it = conversation([
      { kind: "gap", key: "gap", reason: "truncated" },
      message(1, { redacted: true, text: "secret" }),
      message(2, { editedAt: 1, replies: 2 }),
      message(3, { replyTo: { offset: 1, name: "Eve", text: "what is this" } }),
    ]);
    show(chat(it));
    expect(screen.getByText("Older messages are no longer kept here.")).toBeTruthy();
    expect(rowOf(1).textContent).toContain("This message was taken back.");
    expect(rowOf(1).textContent).not.toContain("secret");
    expect(rowOf(2).textContent).toContain("edited");
    expect(rowOf(2).textContent).toContain("2 replies");
    fireEvent.click(screen.getByRole("button", { name: /In reply to/ }));
    expect(asked(it, "goTo")).toEqual([[1]]);
  });

  test("shows what other programs publish as code", () => {
    show(chat(conversation([message(1, { isRaw: true, text: '{"a":"<b>*c*</b>"}' })])));
    expect(rowOf(1).querySelector("pre")?.textContent).toBe('{"a":"<b>*c*</b>"}');
  });

  test("shows the beginning of a long text until all of it is asked for", async () => {
    const text = "word ".repeat(2000);
    show(chat(conversation([message(1, { text })])));
    expect(rowOf(1).querySelector("p")?.textContent.length).toBe(4000);
    await act(() => {
      fireEvent.click(screen.getByRole("button", { name: "Show all" }));
    });
    expect(rowOf(1).querySelector("p")?.textContent).toBe(text);
  });

  test("has the reactions of a message, and gives and takes the own one", () => {
    const it = conversation([
      message(1, { reactions: [{ value: "👍", count: 2, names: ["Ada", "Bob"], mine: true }] }),
    ]);
    show(chat(it));
    const chip = screen.getByRole("button", { name: "👍, 2" });
    expect(chip.getAttribute("aria-pressed")).toBe("true");
    expect(chip.title).toBe("Ada, Bob");
    fireEvent.click(chip);
    expect(asked(it, "react")).toEqual([[1, "👍"]]);
  });

  test("says who has read", async () => {
    show(chat(conversation([message(1, { readBy: [ADA, EVE] })])));
    await act(() => {
      fireEvent.click(screen.getByRole("button", { name: "Seen by Ada, Eve" }));
    });
    const names = within(screen.getByRole("dialog", { name: "Seen by" })).getAllByRole("listitem");
    expect(names.map(({ textContent }) => textContent)).toEqual(["Ada", "Eve"]);
  });

  test("has one row drawn for one new message", async () => {
    const drawn = vi.spyOn(Row.prototype, "render");
    const items = Array.from({ length: 200 }, (_, i) => message(i + 1));
    const it = conversation(items);
    show(chat(it));
    drawn.mockClear();
    await act(() => {
      it.items.value = [...items, message(201, { user: EVE.user, name: EVE.name })];
    });
    // The new one, and the one before it, which is the last of its group now as before.
    expect(drawn.mock.calls.length).toBeLessThanOrEqual(2);
    drawn.mockClear();
    await act(() => {
      it.items.value = it.items.value.map((item) =>
        item.key === "1.100" ? message(100, { text: "b" }) : item,
      );
    });
    expect(drawn).toHaveBeenCalledTimes(1);
    expect(rowOf(100).textContent).toContain("b");
  });

  test("says what others write, once, and nothing of the history nor of the own", async () => {
    const it = conversation([message(5)]);
    const { root } = show(chat(it));
    const voice = () => root.querySelector("[data-voice]")?.textContent;
    expect(voice()).toBe("");
    await act(() => {
      it.items.value = [message(4), ...it.items.value];
    });
    expect(voice()).toBe("");
    await act(() => {
      it.items.value = [...it.items.value, message(6, OWN)];
    });
    expect(voice()).toBe("");
    await act(() => {
      it.items.value = [...it.items.value, message(7, { text: "come" })];
    });
    expect(voice()).toBe("Ada: come");
    await act(() => {
      it.items.value = [...it.items.value, message(8), message(9)];
    });
    expect(voice()).toBe("2 new messages");
  });

  test("tells how many are below, and goes there", async () => {
    const it = conversation([message(1)]);
    it.hasNewer.value = true;
    it.below.value = 7;
    show(chat(it));
    const jump = await screen.findByRole("button", { name: "7 new · Jump to latest" });
    fireEvent.click(jump);
    expect(asked(it, "toLatest")).toHaveLength(1);
  });

  test("lets all be marked as read", async () => {
    const it = conversation([message(1), message(2)]);
    it.below.value = 2;
    const { root } = show(chat(it));
    const frame = root.querySelector("[role=log]") as HTMLElement;
    Object.defineProperty(frame, "scrollHeight", { value: 900 });
    frame.scrollTop = 10;
    await act(() => {
      fireEvent.scroll(frame);
    });
    fireEvent.click(screen.getByRole("button", { name: "Mark read" }));
    expect(asked(it, "read")).toContainEqual([2]);
  });

  test("has a line above the first unread", () => {
    const it = conversation([message(1), message(2)]);
    it.firstUnread.value = 2;
    show(chat(it));
    expect(rowOf(1).querySelector("[data-new]")).toBeNull();
    expect(rowOf(2).querySelector("[data-new]")?.textContent).toBe("New");
  });

  test("says who types", async () => {
    const it = conversation([message(1)]);
    const { root } = show(chat(it));
    const typing = () => root.querySelector("[data-typing]")?.textContent;
    expect(typing()).toBe("");
    for (const [names, said] of [
      [["Ada"], "Ada is typing"],
      [["Ada", "Eve"], "Ada and Eve are typing"],
      [["Ada", "Eve", "Joe"], "Ada, Eve and Joe are typing"],
      [["a", "b", "c", "d"], "Several people are typing"],
    ] as const) {
      await act(() => {
        it.typing.value = names;
      });
      expect(typing()).toBe(said);
    }
  });
});

describe("the actions of a message", () => {
  async function point(offset: number): Promise<HTMLElement> {
    await act(() => {
      rowOf(offset).focus();
      fireEvent.focusIn(rowOf(offset));
    });
    return within(rowOf(offset)).getByRole("toolbar");
  }

  async function choose(toolbar: HTMLElement, entry: string): Promise<void> {
    await act(() => {
      fireEvent.click(within(toolbar).getByRole("button", { name: "More actions" }));
    });
    await act(() => {
      fireEvent.click(screen.getByRole("menuitem", { name: entry }));
    });
  }

  test("are there while it is pointed at or has the focus, and only what may be done", async () => {
    const it = conversation([message(1), message(2, { ...OWN, may: { edit: true, redact: true } })]);
    show(chat(it));
    expect(screen.queryByRole("toolbar")).toBeNull();
    const names = (toolbar: HTMLElement) =>
      within(toolbar)
        .getAllByRole("button")
        .map((button) => button.getAttribute("aria-label"));
    expect(names(await point(1))).toEqual(["React", "Reply", "More actions"]);
    expect(names(await point(2))).toEqual(["React", "Reply", "Edit", "More actions"]);
  });

  test("reply and edit make the draft one", async () => {
    const it = conversation([
      message(1),
      message(2, { ...OWN, text: "tea", may: { edit: true, redact: true } }),
    ]);
    show(chat(it));
    fireEvent.click(within(await point(1)).getByRole("button", { name: "Reply" }));
    expect(it.draft.value).toEqual({ text: "", replyTo: 1, editing: undefined });
    await act(() => undefined);
    expect(document.querySelector(".banner")?.textContent).toBe("Reply to Adamessage 1");
    fireEvent.click(within(await point(2)).getByRole("button", { name: "Edit" }));
    await act(() => undefined);
    expect(it.draft.value).toEqual({ text: "tea", editing: 2, replyTo: undefined });
    expect(screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" }).value).toBe("tea");
    await act(() => {
      fireEvent.click(screen.getByRole("button", { name: "Cancel edit" }));
    });
    expect(it.draft.value.text).toBe("");
  });

  test("copy the link of the message", async () => {
    let copied = "";
    Object.defineProperty(navigator, "clipboard", {
      configurable: true,
      value: { writeText: (text: string) => Promise.resolve(void (copied = text)) },
    });
    show(chat(conversation([message(3)])));
    await choose(await point(3), "Copy link");
    expect(copied).toMatch(/#\/room\/room:tea\/1\.3$/);
    expect(screen.getByText("Link copied")).toBeTruthy();
  });

  test("make it unread, and take it back after a question", async () => {
    const it = conversation([message(1, { ...OWN, may: { edit: true, redact: true } })]);
    show(chat(it));
    await choose(await point(1), "Mark unread");
    expect(asked(it, "markUnread")).toEqual([[1]]);
    await choose(await point(1), "Take back");
    expect(asked(it, "redact")).toEqual([]);
    fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Take back" }));
    expect(asked(it, "redact")).toEqual([[1]]);
  });

  test("react with one that is often used, and with any other", async () => {
    const it = conversation([message(1)]);
    show(chat(it));
    const openPicker = async () => {
      const toolbar = await point(1);
      await act(() => {
        fireEvent.click(within(toolbar).getByRole("button", { name: "React" }));
      });
    };
    await openPicker();
    await act(() => {
      fireEvent.click(screen.getByRole("button", { name: "React with 🎉" }));
    });
    await openPicker();
    const other = screen.getByRole("textbox", { name: "Another reaction" });
    await act(() => {
      fireEvent.input(other, { target: { value: " :tea: " } });
    });
    fireEvent.submit(other.closest("form") as HTMLFormElement);
    expect(asked(it, "react")).toEqual([
      [1, "🎉"],
      [1, ":tea:"],
    ]);
  });

  test("have keys on the message that has the focus", async () => {
    const it = conversation([message(1)]);
    show(chat(it));
    await point(1);
    fireEvent.keyDown(rowOf(1), { key: "r" });
    expect(it.draft.value.replyTo).toBe(1);
  });
});
