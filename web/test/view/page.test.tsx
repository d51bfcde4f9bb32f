// @vitest-environment happy-dom
import { act, fireEvent, screen, within } from "@testing-library/preact";
import { describe, expect, test } from "vitest";
import type { Connection } from "../../src/model/chat.js";
import { words } from "../../src/view/connection.js";
import { ADA, BOB, EVE, chat, conversation, message, place } from "./fake.js";
import { asked, freshPages, show } from "./mount.js";

freshPages();

const PLACES = [
  place({ topic: "a", title: "A" }),
  place({ topic: "b", title: "B", unread: 1 }),
  place({ topic: "c", title: "C" }),
  place({ topic: "d", title: "D", unread: 2 }),
];

async function press(key: string, more: KeyboardEventInit = {}): Promise<void> {
  await act(() => {
    fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more });
  });
}

describe("signing in", () => {
  test("is by a name", async () => {
    const fake = chat();
    fake.session.value = { kind: "out" };
    show(fake);
    const name = screen.getByRole("textbox", { name: "Your name" });
    expect(document.activeElement).toBe(name);
    await act(() => {
      fireEvent.input(name, { target: { value: "  Ada " } });
    });
    fireEvent.submit(name.closest("form") as HTMLFormElement);
    expect(asked(fake, "signIn")).toEqual([[{ kind: "name", name: "Ada" }]]);
  });

  test("is by a key or token, which is not shown", async () => {
    const fake = chat();
    fake.session.value = { kind: "out", problem: "unknown key" };
    show(fake);
    expect(screen.getByRole("alert").textContent).toBe("unknown key");
    await act(() => {
      fireEvent.click(screen.getByRole("radio", { name: "By key or token" }));
    });
    const token = screen.getByLabelText<HTMLInputElement>("Key or token");
    expect(token.type).toBe("password");
    await act(() => {
      fireEvent.input(token, { target: { value: "k-1" } });
    });
    fireEvent.submit(token.closest("form") as HTMLFormElement);
    expect(asked(fake, "signIn")).toEqual([[{ kind: "credential", token: "k-1" }]]);
  });

  test("can be given up while the server has not answered", () => {
    const fake = chat();
    fake.session.value = { kind: "entering" };
    show(fake);
    fireEvent.click(screen.getByRole("button", { name: "Cancel" }));
    expect(asked(fake, "signOut")).toHaveLength(1);
  });
});

describe("the state of the connection", () => {
  test.each<[Connection, string]>([
    [{ kind: "connecting" }, "Connecting…"],
    [{ kind: "online" }, "Connected"],
    [{ kind: "waiting", retryAt: 0 }, "Reconnecting…"],
    [{ kind: "offline" }, "No network"],
    [{ kind: "ended", reason: "gone" }, "Disconnected: gone"],
  ])("%j is said in words", (connection, said) => {
    const fake = chat(conversation([message(1)]));
    fake.connection.value = connection;
    const { root } = show(fake);
    expect(words(connection)).toBe(said);
    expect(screen.getByRole("status", { name: "Connection" }).textContent).toBe(said);
    expect(root.querySelector("[data-connection]")?.getAttribute("data-connection")).toBe(connection.kind);
  });

  test("has the seconds to the next attempt", () => {
    const fake = chat();
    fake.connection.value = { kind: "waiting", retryAt: Date.now() + 9500 };
    const { root } = show(fake);
    expect(root.querySelector(".connection")?.textContent).toMatch(/again in (9|10) s/);
  });
});

describe("the keys of the page", () => {
  test("go to the place before and after, round at the ends", async () => {
    const fake = chat(conversation([], PLACES[0]), PLACES);
    show(fake);
    await press("ArrowDown", { altKey: true });
    await press("ArrowUp", { altKey: true });
    await press("ArrowDown", { altKey: true, shiftKey: true });
    expect(asked(fake, "open").map(([topic]) => topic)).toEqual(["b", "d", "b"]);
  });

  test("open and close the commands and the list of the keys", async () => {
    show(chat(conversation([], PLACES[0]), PLACES));
    await press("k", { ctrlKey: true });
    expect(await screen.findByRole("dialog", { name: "Commands" })).toBeTruthy();
    await press("k", { ctrlKey: true });
    expect(screen.queryByRole("dialog")).toBeNull();
    document.body.focus();
    (document.activeElement as HTMLElement | null)?.blur();
    await press("?");
    expect(await screen.findByRole("dialog", { name: "Keyboard shortcuts" })).toBeTruthy();
  });

  test("leave a question mark to who writes", async () => {
    show(chat(conversation([], PLACES[0]), PLACES));
    screen.getByRole("textbox", { name: "Message" }).focus();
    await press("?");
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  test("close a panel with Escape", async () => {
    const { ui } = show(chat(conversation([], PLACES[0]), PLACES));
    await press("f", { ctrlKey: true });
    expect(screen.getByRole("complementary", { name: "Search" })).toBeTruthy();
    await press("Escape");
    expect(ui.panel.value).toBe("none");
    expect(screen.queryByRole("complementary")).toBeNull();
  });
});

describe("the commands", () => {
  test("have rooms, people and actions, and run what is chosen", async () => {
    const fake = chat(conversation([], PLACES[0]), PLACES);
    const { ui } = show(fake);
    await act(() => {
      ui.sheet.value = "palette";
    });
    const input = await screen.findByRole("combobox");
    const titles = () => screen.getAllByRole("option").map((one) => one.querySelector("bdi")?.textContent);
    expect(titles()).toContain("B");
    expect(titles()).toContain("Eve");
    await act(() => {
      fireEvent.input(input, { target: { value: "eve" } });
    });
    expect(titles()).toEqual(["Eve"]);
    await act(() => {
      fireEvent.keyDown(input, { key: "Enter" });
    });
    expect(asked(fake, "talkTo")).toEqual([[EVE.user]]);
    expect(screen.queryByRole("dialog")).toBeNull();
  });
});

describe("the panels", () => {
  test("show who is a member, who is there, and begin a chat", async () => {
    const fake = chat(conversation([message(1)]));
    show(fake);
    await act(() => {
      fireEvent.click(screen.getByRole("button", { name: "Members" }));
    });
    const panel = screen.getByRole("complementary", { name: "Members" });
    const members = within(panel).getAllByRole("listitem");
    expect(members.map((one) => one.dataset["user"])).toEqual([ADA.user, BOB.user, EVE.user]);
    expect(members[0]?.textContent).toContain("online");
    expect(members[1]?.textContent).toContain("you");
    expect(members[2]?.textContent).toContain("last seen 1 hour ago");
    fireEvent.click(within(panel).getByRole("button", { name: "Chat with Ada" }));
    expect(asked(fake, "talkTo")).toEqual([[ADA.user]]);
  });

  test("search, and go to what was found", async () => {
    const it = conversation([message(1)]);
    const { ui } = show(chat(it));
    await act(() => {
      ui.panel.value = "search";
    });
    const box = screen.getByRole("searchbox", { name: "Search messages" });
    expect(document.activeElement).toBe(box);
    await act(() => {
      fireEvent.input(box, { target: { value: "tea " } });
    });
    await expect.poll(() => asked(it, "find")).toEqual([["tea"]]);
    await act(() => {
      it.search.value = {
        text: "tea",
        state: "done",
        hits: [{ offset: 4, name: "Ada", text: "Some Tea please", at: 1 }],
      };
    });
    const hit = within(screen.getByRole("list", { name: "Found messages" })).getByRole("button");
    expect(hit.querySelector("mark")?.textContent).toBe("Tea");
    fireEvent.click(hit);
    expect(asked(it, "goTo")).toEqual([[4]]);
  });
});

describe("the dialogs", () => {
  test("set what the user prefers", async () => {
    const fake = chat();
    const { ui } = show(fake);
    await act(() => {
      ui.sheet.value = "settings";
    });
    await screen.findByRole("dialog", { name: "Settings" });
    for (const name of ["Dark", "Large"]) {
      await act(() => {
        fireEvent.click(screen.getByRole("radio", { name }));
      });
    }
    for (const name of ["Enter sends", "Notifications", "Sound", "Tell others what I have read"]) {
      await act(() => {
        fireEvent.click(screen.getByRole("switch", { name }));
      });
    }
    expect(fake.preferences.value).toEqual({
      theme: "dark",
      textSize: "large",
      enterSends: false,
      notifications: true,
      sound: true,
      sendReceipts: false,
    });
    expect(document.documentElement.dataset["theme"]).toBe("dark");
    expect(document.documentElement.dataset["text"]).toBe("large");
    expect(localStorage.getItem("topicstream.chat.look")).toBe("dark large");
  });

  test("find rooms to join, and make the one that is not there", async () => {
    const fake = chat();
    const { ui } = show(fake);
    await act(() => {
      ui.sheet.value = "rooms";
    });
    const dialog = await screen.findByRole("dialog", { name: "Rooms" });
    await expect.poll(() => asked(fake, "findRooms")).toEqual([[""]]);
    await act(() => {
      fake.found.value = [{ topic: "room:garden", title: "Garden", members: 2, joined: false }];
    });
    expect(within(dialog).getByRole("button", { name: "Join Garden" })).toBeTruthy();
    const name = within(dialog).getByRole("searchbox", { name: "Name of a room" });
    await act(() => {
      fireEvent.input(name, { target: { value: "garden" } });
    });
    expect(within(dialog).queryByRole("button", { name: "Create room" })).toBeNull();
    await act(() => {
      fireEvent.input(name, { target: { value: "kitchen" } });
    });
    fireEvent.submit(name.closest("form") as HTMLFormElement);
    expect(asked(fake, "createRoom")).toEqual([["kitchen", undefined]]);
  });

  test("ask before a room is left or ended", async () => {
    const fake = chat(conversation([message(1)], place({ owner: true })));
    const { ui } = show(fake);
    for (const [action, called] of [
      ["Leave", "leave"],
      ["Delete room", "deleteRoom"],
    ] as const) {
      await act(() => {
        ui.sheet.value = "place";
      });
      await screen.findByRole("dialog", { name: "This room" });
      await act(() => {
        fireEvent.click(screen.getByRole("button", { name: action }));
      });
      expect(asked(fake, called)).toEqual([]);
      await act(() => {
        fireEvent.click(
          within(screen.getByRole("dialog", { name: action })).getByRole("button", { name: action }),
        );
      });
      expect(asked(fake, called)).toEqual([["room:tea"]]);
    }
  });

  test("say what went wrong until it is dismissed", () => {
    const fake = chat();
    fake.notices.value = [{ kind: "error", text: "no such room" }];
    show(fake);
    const notices = screen.getByRole("status", { name: "Notices" });
    expect(notices.textContent).toBe("no such room");
    fireEvent.click(within(notices).getByRole("button", { name: "Dismiss" }));
    expect(asked(fake, "dismiss")).toEqual([[{ kind: "error", text: "no such room" }]]);
  });
});
