import { describe, expect, it } from "vitest";
import { FoldedMessages } from "../src/folded.js";
import type { About, Message } from "../src/types.js";

function said(offset: number, message: unknown, about?: About, from = "bob"): Message {
  const plain = { topic: "t", epoch: 1, offset, timestamp: offset, from, message, redacted: false };
  return about === undefined ? plain : { ...plain, about };
}

describe("folded messages", () => {
  it("put edits, replies and reactions together with their messages", () => {
    const shown = new FoldedMessages(10, "ada");
    shown.add(said(1, "tvelve"));
    shown.add(said(2, "twelve", { offset: 1, as: "edit" }));
    shown.add(said(3, null, { offset: 1, as: "reaction", value: "+" }, "ada"));
    shown.add(said(4, null, { offset: 1, as: "reaction", value: "+" }));
    const reply = shown.add(said(5, "one", { offset: 1, as: "reply" }));

    expect(reply?.message.offset).toBe(5);
    expect(shown.get(1)).toEqual({
      message: said(1, "twelve"),
      edited: { offset: 2, timestamp: 2 },
      reactions: [{ value: "+", count: 2, users: ["ada", "bob"], mine: true }],
      replies: 1,
      lastReply: 5,
    });
  });

  it("a reaction counts once, and is taken back", () => {
    const shown = new FoldedMessages(10, "bob");
    shown.add(said(1, "x"));
    const plus = (as: "reaction" | "unreaction"): About => ({ offset: 1, as, value: "+" });
    expect(shown.add(said(2, null, plus("reaction")))?.reactions).toMatchObject([{ count: 1, mine: true }]);
    expect(shown.add(said(3, null, plus("reaction")))).toBeUndefined();
    expect(shown.add(said(4, null, plus("unreaction")))?.reactions).toEqual([]);
    expect(shown.add(said(5, null, plus("unreaction")))).toBeUndefined();
  });

  it("keep the last messages, and know nothing of older ones", () => {
    const shown = new FoldedMessages(2);
    for (const offset of [1, 2, 3]) shown.add(said(offset, offset));
    expect(shown.list().map(({ message }) => message.offset)).toEqual([2, 3]);
    expect(shown.add(said(4, "new", { offset: 1, as: "edit" }))).toBeUndefined();
  });

  it("what was taken back says nothing any more, also by an edit", () => {
    const shown = new FoldedMessages(10);
    shown.add(said(1, "a slip"));
    expect(shown.redact([1, 9]).map(({ message }) => message)).toEqual([
      { ...said(1, null), redacted: true },
    ]);
    expect(shown.add(said(2, "again", { offset: 1, as: "edit" }))).toBeUndefined();
    expect(shown.redact([1])).toEqual([]);
  });

  it("begin with a page, in whose counts there are others", () => {
    const shown = new FoldedMessages(10, "ada");
    const ends = { epoch: 1, firstOffset: 1, nextOffset: 9, covers: { first: 1, last: 8 } };
    const reactions = [{ value: "+", count: 30, users: ["bob"], mine: true }];
    shown.begin({ ...ends, messages: [{ message: said(4, "x"), reactions, replies: 2, lastReply: 8 }] });
    expect(shown.get(4)).toMatchObject({
      reactions: [{ count: 30, users: ["bob", "ada"], mine: true }],
      replies: 2,
    });
    const back = shown.add(said(9, null, { offset: 4, as: "unreaction", value: "+" }, "ada"));
    expect(back?.reactions).toMatchObject([{ count: 29, mine: false }]);
  });

  it("take nothing twice that a page has in it already", () => {
    const shown = new FoldedMessages(10, "ada");
    const ends = { epoch: 1, firstOffset: 1, nextOffset: 7, covers: { first: 1, last: 6 } };
    const reactions = [{ value: "+", count: 30, users: ["bob"], mine: false }];
    shown.begin({ ...ends, messages: [{ message: said(4, "x"), reactions, replies: 1, lastReply: 5 }] });
    const takesBack: About = { offset: 4, as: "unreaction", value: "+" };
    expect(shown.apply(said(6, null, takesBack, "eve"))).toBeUndefined();
    expect(shown.apply(said(7, null, takesBack, "eve"))?.reactions).toMatchObject([{ count: 29 }]);
    expect(shown.apply(said(7, null, takesBack, "eve"))).toBeUndefined();
  });

  it("are told what is said about them by messages that are not kept", () => {
    const shown = new FoldedMessages(10);
    shown.add(said(1, "x"));
    expect(shown.apply(said(2, "yes", { offset: 1, as: "reply" }))).toMatchObject({
      replies: 1,
      lastReply: 2,
    });
    expect(shown.apply(said(3, "no"))).toBeUndefined();
    expect(shown.list().map(({ message }) => message.offset)).toEqual([1]);
  });

  it("can be cut, and told of a log that has lost its end", () => {
    const shown = new FoldedMessages(10, "ada");
    for (const offset of [1, 2, 3, 4]) shown.add(said(offset, offset));
    shown.keep(2, 3);
    expect(shown.list().map(({ message }) => message.offset)).toEqual([2, 3]);
    const plus: About = { offset: 2, as: "reaction", value: "+" };
    shown.apply(said(5, null, plus));
    shown.keep(1, 3, 3);
    expect(shown.apply(said(4, null, plus, "eve"))?.reactions).toMatchObject([{ count: 2 }]);
  });
});
