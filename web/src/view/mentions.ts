import type { Person } from "../model/chat.js";

/** As many as fit above the composer. */
const AT_MOST = 6;

/** What is being typed behind an `@`, and where the `@` is. */
export interface Mention {
  readonly start: number;
  readonly prefix: string;
}

/** The mention that the caret is at the end of. */
export function mentionAt(text: string, caret: number): Mention | undefined {
  const match = /(?:^|[\s([{"'])@([\p{L}\p{N}._-]{0,40})$/u.exec(text.slice(Math.max(0, caret - 64), caret));
  const prefix = match?.[1];
  return prefix === undefined ? undefined : { start: caret - prefix.length - 1, prefix };
}

/** Who may be meant: first those whose name begins so. */
export function candidates(members: readonly Person[], prefix: string): Person[] {
  const wanted = prefix.toLocaleLowerCase();
  const ranked = members
    .map((person) => ({ person, rank: rank(person, wanted) }))
    .filter(({ rank }) => rank < 3)
    .sort((a, b) => a.rank - b.rank || a.person.name.localeCompare(b.person.name));
  return ranked.slice(0, AT_MOST).map(({ person }) => person);
}

function rank({ name, user }: Person, wanted: string): number {
  const shown = name.toLocaleLowerCase();
  if (shown.startsWith(wanted)) {
    return 0;
  }
  if (
    user
      .toLocaleLowerCase()
      .replace(/^guest\./, "")
      .startsWith(wanted)
  ) {
    return 1;
  }
  return wanted !== "" && shown.includes(wanted) ? 2 : 3;
}

/** How a person is named in a text: the whole name, which may have spaces. */
export function mentionOf({ name, user }: Person): string {
  return `@${name === "" ? user : name} `;
}
