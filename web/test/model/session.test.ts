import { describe, expect, it } from "vitest";
import { messages, say, Stage } from "./steps.js";
import { settle } from "./world.js";

describe("signing in", () => {
  it("a guest keeps the id over a reload, and may neither edit nor redact", async () => {
    const stage = new Stage();
    await stage.enter("guest");
    const session = stage.chat.session.value;
    expect(session).toMatchObject({ kind: "in", name: "Ada", isGuest: true });
    const user = session.kind === "in" ? session.user : "";
    expect(user).toMatch(/^guest\.Ada-[0-9a-f]{12}$/);
    const here = await stage.open("room:tea");
    say(here, "hello");
    await settle();
    expect(messages(here)[0]).toMatchObject({ name: "Ada", mine: true, may: { edit: false, redact: false } });
    await stage.reload();
    expect(stage.chat.session.value).toEqual(session);
    expect(stage.chat.places.value.map(({ topic }) => topic)).toEqual(["room:tea"]);
  });

  it("a credential is kept in the tab alone, and the user is known when the server has said so", async () => {
    const stage = new Stage();
    stage.chat.signIn({ kind: "credential", token: " token-of-ada " });
    await settle();
    expect(stage.chat.session.value).toEqual({ kind: "entering" });
    // Who has looked already sees what comes later.
    expect([stage.chat.places.value, stage.chat.current.value, stage.chat.found.value]).toEqual([
      [],
      undefined,
      undefined,
    ]);
    stage.chat.open("room:tea");
    stage.client.open();
    await settle();
    expect(stage.chat.session.value).toEqual({ kind: "in", user: "ada", name: "ada", isGuest: false });
    expect(stage.chat.current.value?.topic).toBe("room:tea");
    expect([...stage.browser.kept.all.values()].join()).not.toContain("token-of-ada");
    await stage.reload();
    expect(stage.chat.session.value.kind).toBe("in");
  });

  it("what is no name and no token is said at once", () => {
    const stage = new Stage();
    stage.chat.signIn({ kind: "name", name: "  " });
    expect(stage.chat.session.value).toMatchObject({
      kind: "out",
      problem: "A name has 1 to 64 characters.",
    });
    stage.chat.signIn({ kind: "credential", token: "two words" });
    expect(stage.chat.session.value.kind).toBe("out");
    expect(stage.server.clients).toEqual([]);
  });

  it("a credential that is refused or ends leads out, with the reason", async () => {
    const stage = new Stage();
    await stage.inRoom();
    stage.here.edit({ text: "kept for her" });
    stage.client.fail(4001, "the credential has ended");
    await settle();
    expect(stage.chat.session.value).toEqual({
      kind: "out",
      problem: "The key or token has ended, or the server does not know it. Sign in again.",
    });
    expect(stage.chat.places.value).toEqual([]);
    await stage.enter();
    expect((await stage.open("room:tea")).draft.value.text).toBe("kept for her");
  });

  it("who signs out leaves nothing behind but what the browser is to look like", async () => {
    const stage = new Stage();
    stage.chat.prefer({ theme: "dark" });
    await stage.enter("guest");
    const here = await stage.open("room:tea");
    here.edit({ text: "a secret" });
    stage.chat.pin("room:tea", true);
    stage.chat.signOut();
    await settle();
    expect(stage.chat.session.value).toEqual({ kind: "out" });
    expect(stage.client.hasEnded).toBe(true);
    expect(stage.browser.erased).toEqual([stage.client.user]);
    expect([...stage.browser.kept.all.keys()]).toEqual(["topicstream.chat.preferences"]);
    expect(stage.browser.tab.all.size).toBe(0);
    expect(stage.chat.preferences.value.theme).toBe("dark");
  });

  it("who signs out in one tab does so in the others", async () => {
    const stage = new Stage();
    await stage.enter("guest");
    stage.browser.kept.remove("topicstream.chat.guest");
    stage.browser.kept.tell("topicstream.chat.guest");
    expect(stage.chat.session.value).toEqual({ kind: "out" });
  });

  it("who signs out with a key in one tab does so in the others of the same user, and in no others", async () => {
    const stage = new Stage();
    await stage.inRoom();
    const { kept, tab } = stage.browser;
    kept.tell("topicstream.chat.of bob here");
    expect(stage.chat.session.value).toMatchObject({ kind: "in", user: "ada" });
    kept.remove("topicstream.chat.of ada here");
    kept.tell("topicstream.chat.of ada here");
    expect(stage.chat.session.value).toEqual({ kind: "out" });
    expect(stage.client.hasEnded).toBe(true);
    expect(tab.all.size).toBe(0);
  });

  it("a new name is shown, and kept", async () => {
    const stage = new Stage();
    await stage.enter("guest");
    stage.chat.rename("Ada L");
    await settle();
    expect(stage.chat.session.value).toMatchObject({ kind: "in", name: "Ada L" });
    await stage.reload();
    expect(stage.chat.session.value).toMatchObject({ kind: "in", name: "Ada L" });
  });

  it("storage that is broken, or of another version, breaks nothing", async () => {
    const stage = new Stage();
    const { kept } = stage.browser;
    kept.set("topicstream.chat.preferences", '{"theme":"purple","sound":true}');
    kept.set("topicstream.chat.of ada draft room:tea", "no JSON");
    kept.set("topicstream.chat.of ada failed room:tea", '[{"id":1}]');
    kept.set("topicstream.chat.guest", "[]");
    stage.begin();
    await stage.inRoom();
    expect(stage.chat.preferences.value).toMatchObject({ theme: "system", sound: true });
    expect(stage.here.draft.value).toEqual({ text: "" });
  });
});

describe("the connection", () => {
  it("that is lost for a moment is shown as if it were not", async () => {
    const stage = new Stage();
    expect(stage.chat.connection.value.kind).toBe("connecting");
    await stage.enter();
    const seen: string[] = [];
    stage.chat.connection.subscribe(({ kind }) => seen.push(kind));
    stage.client.lose();
    await stage.pass(800);
    stage.client.open();
    await stage.pass(5000);
    expect(seen).toEqual(["online"]);
    stage.client.lose();
    await stage.pass(2000);
    expect(stage.chat.connection.value).toMatchObject({ kind: "waiting" });
    stage.client.open();
    expect(stage.chat.connection.value.kind).toBe("online");
  });

  it("of a machine without a network is offline, and comes back", async () => {
    const stage = new Stage();
    await stage.enter();
    stage.browser.network(false);
    await stage.pass(2000);
    expect(stage.chat.connection.value.kind).toBe("offline");
    stage.client.lose();
    await stage.pass(2000);
    expect(stage.chat.connection.value.kind).toBe("offline");
    stage.browser.network(true);
    expect(stage.chat.connection.value.kind).toBe("waiting");
    stage.client.open();
    expect(stage.chat.connection.value.kind).toBe("online");
  });

  it("that never comes is said to be awaited", async () => {
    const stage = new Stage();
    stage.chat.signIn({ kind: "name", name: "Ada" });
    await settle();
    stage.client.lose();
    await stage.pass(2000);
    expect(stage.chat.connection.value).toMatchObject({ kind: "waiting" });
    expect(stage.chat.session.value.kind).toBe("in");
  });
});
