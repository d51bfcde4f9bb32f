import { afterEach, describe, expect, it, vi } from "vitest";
import { keyValues } from "../../src/model/browser.js";
import {
  chatTopicOf,
  guestIdOf,
  mentionOf,
  nameOfUser,
  partnerOf,
  roomTopicOf,
  textOf,
} from "../../src/model/text.js";
import { Unread } from "../../src/model/unread.js";

describe("names", () => {
  it.each([
    ["hello @ada", true],
    ["@ADA: hello", true],
    ["(@ada)", true],
    ["@Ada.", true],
    ["@Ada Lovelace, tea?", true],
    ["@ada-1, tea?", true],
    ["@adam", false],
    ["mail@ada", false],
    ["@ada.example", false],
    ["ada", false],
    ["@ада", false],
    ["@@ada", false],
  ])("%s names Ada: %s", (text, isNamed) => {
    expect(mentionOf(["Ada", "Ada Lovelace", "ada-1"])(text)).toBe(isNamed);
  });

  it("are plain text to the search, whatever stands in them", () => {
    expect(mentionOf(["a.*(b)"])("@a.*(b)!")).toBe(true);
    expect(mentionOf(["a.*(b)"])("@axxb")).toBe(false);
    expect(mentionOf([""])("@")).toBe(false);
  });

  it("become ids, rooms and chats that the server takes", () => {
    expect(guestIdOf("Zoë Ω", "0123456789ab")).toBe("Zoe-0123456789ab");
    expect(guestIdOf("Ω", "0123456789ab")).toBe("someone-0123456789ab");
    expect(nameOfUser("guest.Zoe-0123456789ab")).toBe("Zoe");
    expect(nameOfUser("zoe-0123456789ab")).toBe("zoe-0123456789ab");
    expect(roomTopicOf(" Tea time ")).toBe("room:Tea-time");
    expect(roomTopicOf("чай")).toBe(roomTopicOf("чай"));
    expect(roomTopicOf("чай")).toMatch(/^room:x-[a-z0-9-]+$/);
    expect(roomTopicOf("чай")).not.toBe(roomTopicOf("сок"));
    expect(roomTopicOf("  ")).toBeUndefined();
    expect(chatTopicOf("bob", "ada")).toBe("dm:ada~bob");
    expect(chatTopicOf("guest.x", "Zed")).toBe("dm:Zed~guest.x");
    expect(partnerOf("dm:ada~bob", "bob")).toBe("ada");
    expect(partnerOf("dm:ada~bob", "eve")).toBeUndefined();
    expect(partnerOf("room:a~b", "a")).toBeUndefined();
  });
});

describe("the text of a message", () => {
  const plain = { topic: "t", epoch: 1, offset: 1, timestamp: 1, redacted: false };
  it.each([
    [{ text: "x" }, "x", false],
    [{ text: 1 }, '{"text":1}', true],
    ["x", '"x"', true],
    [null, "null", true],
    [[1], "[1]", true],
  ])("%j", (message, text, isRaw) => {
    expect(textOf({ ...plain, message })).toEqual({ text, isRaw });
  });
});

describe("what is unread", () => {
  it("is counted one by one where it is known, and by its number where it is not", () => {
    const unread = new Unread();
    unread.begin(90);
    unread.readTo(50);
    for (const offset of [90, 95, 99]) unread.hear(offset, offset === 95);
    expect([unread.count, unread.mentions, unread.first]).toEqual([39 + 3, 1, 51]);
    unread.readTo(89);
    expect([unread.count, unread.first]).toEqual([3, 90]);
    unread.readTo(95);
    expect([unread.count, unread.mentions, unread.first]).toEqual([1, 0, 99]);
    unread.forget(99);
    expect([unread.count, unread.first]).toEqual([0, undefined]);
    expect(unread.readTo(10)).toBe(false);
  });

  it("is bounded, however much it is", () => {
    const unread = new Unread();
    for (let offset = 1; offset <= 100_000; offset++) unread.hear(offset, false);
    expect(unread.count).toBe(100_000);
    unread.readTo(99_999);
    expect(unread.count).toBe(1);
  });

  it("goes with what the log has lost", () => {
    const unread = new Unread();
    for (const offset of [1, 2, 3]) unread.hear(offset, true);
    unread.cutAfter(2);
    expect([unread.count, unread.mentions]).toEqual([2, 2]);
  });
});

describe("storage", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("that is forbidden or full breaks nothing", () => {
    vi.stubGlobal("addEventListener", vi.fn());
    const forbidden = keyValues(() => {
      throw new Error("forbidden");
    });
    const full = keyValues(
      () =>
        ({
          length: 0,
          getItem: () => null,
          setItem: () => {
            throw new Error("full");
          },
        }) as unknown as Storage,
    );
    for (const values of [forbidden, full]) {
      values.set("a", "b");
      values.remove("a");
      values.onChange(() => undefined);
      expect(values.get("a")).toBeUndefined();
      expect(values.keys()).toEqual([]);
    }
  });
});
