// @vitest-environment happy-dom
import { act, fireEvent, screen } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import type { Sheet } from "../../src/view/ui.js";
import { chat, conversation, message, place } from "./fake.js";
import { freshPages, show } from "./mount.js";

freshPages();

const PAYLOADS = [
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "<script>alert(1)</script>",
  "<a href=javascript:alert(1)>x</a>",
  '"><iframe src=javascript:alert(1)>',
  "javascript:alert(1)",
  "</textarea><marquee onstart=alert(1)>",
  "\u202Egpj.exe",
  "&lt;img src=x&gt;",
];

/** Elements that the page itself never has. */
const FOREIGN =
  "img, script, iframe, marquee, object, embed, style, math, a[href^='javascript'], #page svg[onload]";

describe.each(PAYLOADS)("the text %j", (evil) => {
  function page() {
    const person = { user: evil, name: evil, online: false, lastSeen: 1 };
    const there = place({ title: evil, with: person, last: { text: evil, from: evil, at: 1 }, owner: true });
    const it = conversation(
      [
        message(1, { text: evil, name: evil, user: evil, replyTo: { offset: 9, name: evil, text: evil } }),
        message(2, {
          text: evil,
          isRaw: true,
          readBy: [person],
          reactions: [{ value: evil, count: 1, names: [evil], mine: false }],
        }),
        message(3, { text: evil, mine: true, state: { kind: "failed", reason: evil, retryable: true } }),
      ],
      there,
    );
    it.members.value = [person];
    it.typing.value = [evil];
    it.draft.value = { text: evil, replyTo: 1 };
    it.search.value = {
      text: evil.slice(0, 3),
      state: "done",
      hits: [{ offset: 1, name: evil, text: evil, at: 1 }],
    };
    const fake = chat(it, [there, place({ topic: evil, kind: "chat", title: evil, with: person })]);
    fake.session.value = { kind: "in", user: evil, name: evil, isGuest: true };
    fake.notices.value = [{ kind: "error", text: evil }];
    fake.found.value = [{ topic: evil, title: evil, members: 1, joined: false }];
    fake.connection.value = { kind: "ended", reason: evil };
    return { fake, it };
  }

  function expectNoElementOfIt(): void {
    expect(document.querySelectorAll(FOREIGN)).toHaveLength(0);
    for (const element of document.querySelectorAll("*")) {
      for (const { name, value } of element.attributes) {
        expect(name).not.toMatch(/^on/);
        if (name === "href" || name === "src") {
          expect(value).not.toMatch(/^\s*(?:javascript|data|vbscript):/i);
        }
      }
    }
  }

  test("is text in every part of a conversation", () => {
    const { fake } = page();
    show(fake);
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe(evil);
    expect(screen.getByRole("log").textContent.split(evil).length - 1).toBeGreaterThanOrEqual(6);
    expectNoElementOfIt();
  });

  test.each(["members", "search"] as const)("is text in the panel of %s", async (panel) => {
    const { fake } = page();
    const { ui } = show(fake);
    await act(() => {
      ui.panel.value = panel;
    });
    expect(screen.getByRole("complementary").textContent).toContain(evil);
    expectNoElementOfIt();
  });

  test.each<Sheet>(["rooms", "palette", "settings", "place"])(
    "is text in the dialog of %s",
    async (sheet) => {
      const { fake } = page();
      const { ui } = show(fake);
      await act(() => {
        ui.sheet.value = sheet;
      });
      const dialog = await screen.findByRole("dialog");
      if (sheet === "settings") {
        expect(dialog.querySelector("input")?.value).toBe(evil);
      } else {
        expect(dialog.textContent).toContain(evil);
      }
      expectNoElementOfIt();
    },
  );

  test("is text in the list of mentions, and where the problem of a sign-in is said", async () => {
    const { fake, it } = page();
    show(fake);
    const area = screen.getByRole<HTMLTextAreaElement>("textbox", { name: "Message" });
    await act(() => {
      area.value = "@";
      area.setSelectionRange(1, 1);
      fireEvent.input(area);
    });
    expect(screen.getByRole("option").textContent).toContain(evil);
    expect(it.draft.value.text).toBe("@");
    await act(() => {
      fake.session.value = { kind: "out", problem: evil };
    });
    expect(screen.getByRole("alert").textContent).toBe(evil);
    expectNoElementOfIt();
  });
});
