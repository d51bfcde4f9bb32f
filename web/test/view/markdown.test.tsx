// @vitest-environment happy-dom
import { cleanup, fireEvent, render } from "@testing-library/preact";
import { afterEach, describe, expect, test } from "vitest";
import { ViewContext } from "../../src/view/context.js";
import { isPlain } from "../../src/view/markdown/is-plain.js";
import { safeLink } from "../../src/view/markdown/links.js";
import { parse } from "../../src/view/markdown/parse.js";
import Markdown from "../../src/view/markdown/render.js";
import { createUi } from "../../src/view/ui.js";
import { chat } from "./fake.js";

afterEach(cleanup);

const ALLOWED = new Set(
  "P STRONG EM DEL CODE PRE DIV BUTTON BDI svg path BLOCKQUOTE OL UL LI BR HR A SPAN".split(" "),
);

function shown(text: string, me: readonly string[] = []): HTMLElement {
  return render(
    <ViewContext.Provider value={{ chat: chat(), ui: createUi() }}>
      <Markdown text={text} me={me} />
    </ViewContext.Provider>,
  ).container as HTMLElement;
}

describe("Markdown", () => {
  test.each([
    ["**a**", "STRONG"],
    ["*a*", "EM"],
    ["~~a~~", "DEL"],
    ["`a`", "CODE"],
    ["> a", "BLOCKQUOTE"],
    ["- a", "LI"],
    ["3. a", "OL"],
    ["# a", "STRONG"],
    ["```\na\n```", "PRE"],
    ["https://a.example/", "A"],
    ["[a](mailto:b@c.example)", "A"],
  ])("%s has an element %s", (text, name) => {
    expect(shown(text).querySelector(name.toLowerCase())).not.toBeNull();
  });

  test("keeps the lines as they were written", () => {
    expect(shown("a\nb").textContent).toBe("a\nb");
  });

  test("links to http, https and mailto alone, in a tab that knows nothing of the page", () => {
    const link = shown("[here](https://example.org/a?b=c#d)").querySelector("a");
    expect(link?.getAttribute("href")).toBe("https://example.org/a?b=c#d");
    expect(link?.getAttribute("rel")).toBe("noopener noreferrer nofollow");
    expect(link?.getAttribute("target")).toBe("_blank");
    for (const bad of [
      "javascript:alert(1)",
      "JaVaScRiPt:alert(1)",
      "java\tscript:alert(1)",
      " javascript:alert(1)",
      "data:text/html,<script>alert(1)</script>",
      "vbscript:x",
      "file:///etc/passwd",
      "blob:https://a.example/b",
      "//a.example/",
      "/a",
      "#a",
      "",
    ]) {
      expect(safeLink(bad)).toBeUndefined();
    }
  });

  test("shows where a link would have led that can not be followed", () => {
    const element = shown("[here](javascript:alert`1`)");
    expect(element.querySelector("a")).toBeNull();
    expect(element.textContent).toContain("here (javascript:alert`1`)");
  });

  test("makes no picture: its text is a link", () => {
    const element = shown("![cat](https://a.example/cat.png)");
    expect(element.querySelector("img")).toBeNull();
    expect(element.querySelector("a")?.textContent).toBe("cat");
  });

  test.each([
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "<svg onload=alert(1)>",
    "<svg><animate onbegin=alert(1) attributeName=x></svg>",
    "<math><mtext><img src=x onerror=alert(1)></mtext></math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "**<b onclick=alert(1)>a</b>**",
    "> <style>*{display:none}</style>",
    "- <form action=https://a.example><input name=b></form>",
    "`<img src=x>`",
    "```html\n<img src=x onerror=alert(1)>\n```",
    "```<img/src=x>\na\n```",
    "[<img src=x>](https://a.example)",
    '[a](https://a.example "<img src=x onerror=alert(1)>")',
    "&lt;img src=x&gt; &#x3C;img&#x3E;",
    "||<img src=x onerror=alert(1)>||",
    "@<img src=x>",
  ])("has only elements of the list for %s", (text) => {
    for (const element of shown(text).querySelectorAll("*")) {
      expect(ALLOWED).toContain(element.tagName);
      for (const { name } of element.attributes) {
        expect(name).not.toMatch(/^on|^style$|^src/);
      }
    }
  });

  test("shows HTML and references as they were typed", () => {
    expect(shown("a <b>bold</b> &amp; <!-- c -->").textContent).toBe("a <b>bold</b> &amp; <!-- c -->");
  });

  test("says the language of code, and copies it", async () => {
    let copied = "";
    Object.defineProperty(navigator, "clipboard", {
      configurable: true,
      value: { writeText: (text: string) => Promise.resolve(void (copied = text)) },
    });
    const element = shown("```js\nlet a = 1;\n```");
    expect(element.querySelector(".code-head")?.textContent).toBe("js");
    fireEvent.click(element.querySelector("[aria-label='Copy code']") as HTMLElement);
    await Promise.resolve();
    expect(copied).toBe("let a = 1;");
  });

  test("marks who is named, and this user by every name", () => {
    const element = shown("@Ada and @bob Smith, not a@b.example", ["bob smith", "bob"]);
    expect([...element.querySelectorAll(".mention")].map((one) => one.textContent)).toEqual([
      "@Ada",
      "@bob Smith",
    ]);
    expect(element.querySelector(".mention.to-me")?.textContent).toBe("@bob Smith");
  });

  test("hides a spoiler until it is asked for", () => {
    const element = shown("it was ||the cat|| who");
    expect(element.textContent).not.toContain("the cat");
    fireEvent.click(element.querySelector(".spoiler") as HTMLElement);
    expect(element.textContent).toBe("it was the cat who");
  });

  test.each([
    ["[".repeat(65536)],
    ["*a_".repeat(20000)],
    ["> ".repeat(30000)],
    ["1. ".repeat(300)],
    ["- a\n".repeat(2000)],
    ["\n".repeat(7000)],
    ["a".repeat(65536)],
  ])("shows a text that is too much for it as it is", (text) => {
    expect(parse(text)).toBeUndefined();
    expect(shown(text).textContent).toBe(text);
  });

  test("is not asked where nothing in a text is Markdown", () => {
    for (const text of [
      "hello",
      "it is 5 o'clock, or 17.30",
      "a-b",
      "two\nlines",
      "C++ & Java",
      "Größe: 3 (m)",
    ]) {
      expect(isPlain(text)).toBe(true);
      expect(shown(text).innerHTML).toBe(`<p>${text.replace("&", "&amp;")}</p>`);
    }
    for (const text of [
      "*a*",
      "_a_",
      "- a",
      "1. a",
      "a\n- b",
      "http://a.b",
      "www.a.b",
      "a@b.c",
      "`a`",
      "> a",
      "# a",
    ]) {
      expect(isPlain(text)).toBe(false);
    }
  });
});
