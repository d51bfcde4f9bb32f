import { describe, expect, test } from "vitest";
import { parseRoute, permanentLink, routeTo } from "../../src/view/route.js";

describe("a route", () => {
  test.each([
    ["#/room/room:tea", { topic: "room:tea" }],
    ["#/room/room:tea/", { topic: "room:tea" }],
    ["#/room/dm:guest.ada~eve/3.17", { topic: "dm:guest.ada~eve", at: { epoch: 3, offset: 17 } }],
    ["#/room/a%20b%2Fc/1.2", { topic: "a b/c", at: { epoch: 1, offset: 2 } }],
  ])("of %s", (hash, route) => {
    expect(parseRoute(hash)).toEqual(route);
  });

  test.each([
    "",
    "#",
    "#/",
    "#/room/",
    "#/room/%",
    "#/room/tea/1",
    "#/room/tea/1.x",
    "#/room/tea/1.2/3",
    "#/room/tea/1.1234567890123456",
    "#javascript:alert(1)",
  ])("is none for %s", (hash) => {
    expect(parseRoute(hash)).toBeUndefined();
  });

  test("is read as it was written", () => {
    for (const topic of ["room:tea", "dm:guest.a~b@c+d-_", "a/b?c#d%e f", "чай"]) {
      const at = { epoch: 7, offset: 900 };
      expect(parseRoute(routeTo(topic))).toEqual({ topic });
      expect(parseRoute(routeTo(topic, at))).toEqual({ topic, at });
    }
  });

  test("is a link that others can open", () => {
    expect(
      permanentLink("room:tea", { epoch: 1, offset: 2 }, "https://example.org/chat/?x#/room/other"),
    ).toBe("https://example.org/chat/?x#/room/room:tea/1.2");
  });
});
