// @vitest-environment happy-dom
import { act, fireEvent, screen, within } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import { hueOf, initials } from "../../src/view/avatar.js";
import { EVE, chat, conversation, message, place } from "./fake.js";
import { asked, freshPages, show } from "./mount.js";

freshPages();

const PLACES = [
  place({
    unread: 3,
    mentions: 1,
    pinned: true,
    last: { text: "at four", from: "Ada", at: 1_790_000_000_000 },
  }),
  place({ topic: "room:release", title: "Release", hasDraft: true }),
  place({ topic: "dm:eve", title: "Eve", kind: "chat", with: EVE, unread: 120 }),
];

function links(): HTMLElement[] {
  return within(screen.getByRole("navigation", { name: "Places" })).getAllByRole("link");
}

describe("the list of places", () => {
  test("tells of each what is unread, who said what last, and whether it is pinned", () => {
    show(chat(undefined, PLACES));
    const [tea, release, eve] = links();
    expect(tea?.textContent).toContain("Tea");
    expect(tea?.textContent).toContain("Ada: at four");
    expect(tea?.textContent).toContain("3 unread");
    expect(tea?.textContent).toContain("1 mention of you");
    expect(tea?.textContent).toContain("pinned");
    expect(tea?.querySelector("time")?.getAttribute("datetime")).toBe("2026-09-21T14:13:20.000Z");
    expect(release?.textContent).toContain("Draft");
    expect(release?.textContent).not.toContain("unread");
    expect(eve?.textContent).toContain("offline");
    expect(eve?.textContent).toContain("99+");
    expect(eve?.getAttribute("href")).toBe("#/room/dm:eve");
  });

  test("shows those with the letters of the filter, and all again after Escape", async () => {
    show(chat(undefined, PLACES));
    const filter = screen.getByRole("searchbox", { name: "Filter places" });
    fireEvent.input(filter, { target: { value: "REL" } });
    await act(() => undefined);
    expect(links().map(({ textContent }) => textContent)).toHaveLength(1);
    fireEvent.keyDown(filter, { key: "Escape" });
    await act(() => undefined);
    expect(links()).toHaveLength(3);
  });

  test("is one stop of the tab key, in which the arrows move", () => {
    show(chat(conversation([], PLACES[1]), PLACES));
    const [tea, release, eve] = links();
    expect(links().map(({ tabIndex }) => tabIndex)).toEqual([-1, 0, -1]);
    expect(release?.getAttribute("aria-current")).toBe("page");
    release?.focus();
    fireEvent.keyDown(release as HTMLElement, { key: "ArrowDown" });
    expect(document.activeElement).toBe(eve);
    fireEvent.keyDown(eve as HTMLElement, { key: "Home" });
    expect(document.activeElement).toBe(tea);
  });

  test("opens the place of a changed address, and the message in it", async () => {
    const fake = chat(undefined, PLACES);
    show(fake);
    location.hash = "#/room/room:tea/2.9";
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    await act(() => undefined);
    expect(asked(fake, "open")).toContainEqual(["room:tea", { epoch: 2, offset: 9 }]);
  });

  test("opens the place of an address that is changed while the place before it closes", async () => {
    const fake = chat(conversation([message(1)], PLACES[1]), PLACES);
    show(fake);
    // As the browser does: the address is another at once, and the event comes later.
    history.pushState(null, "", "#/room/room:tea");
    await act(() => {
      fake.current.value = undefined;
    });
    expect(location.hash).toBe("#/room/room:tea");
    window.dispatchEvent(new HashChangeEvent("hashchange"));
    await act(() => undefined);
    expect(asked(fake, "open").at(-1)).toEqual(["room:tea", undefined]);
  });

  test("opens what the address names as soon as there is a session", async () => {
    history.replaceState(null, "", "#/room/room:tea/2.9");
    const fake = chat(undefined, []);
    const session = fake.session.value;
    fake.session.value = { kind: "out" };
    show(fake);
    expect(asked(fake, "open")).toEqual([]);
    await act(() => {
      fake.session.value = session;
    });
    expect(asked(fake, "open")).toEqual([["room:tea", { epoch: 2, offset: 9 }]]);
    expect(location.hash).toBe("#/room/room:tea/2.9");
  });

  test("writes into the address what is opened otherwise", async () => {
    const fake = chat(undefined, PLACES);
    show(fake);
    await act(() => {
      fake.current.value = conversation([message(1)], PLACES[2]);
    });
    expect(location.hash).toBe("#/room/dm:eve");
    await act(() => {
      fake.current.value = undefined;
    });
    expect(location.hash).toBe("");
  });
});

describe("an avatar", () => {
  test.each([
    ["Ada", "A"],
    ["Ada Lovelace", "AL"],
    ["ada von b", "AB"],
    ["  ", "?"],
    ["😀", "?"],
    ["𝒜da", "𝒜"],
    ["<b>", "B"],
  ])("of %s has the letters %s", (name, letters) => {
    expect(initials(name)).toBe(letters);
  });

  test("has one of the colours that there are, the same each time", () => {
    for (const user of ["", "a", "guest.ada", "x".repeat(200)]) {
      expect(hueOf(user)).toBeGreaterThanOrEqual(0);
      expect(hueOf(user)).toBeLessThan(12);
      expect(hueOf(user)).toBe(hueOf(user));
    }
  });
});
