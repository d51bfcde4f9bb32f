import type { Item } from "../model/chat.js";
import { dayOf } from "./time.js";

/** Messages of one person stand together as long as no more than this is between them. */
const TOGETHER = 5 * 60_000;

/** An item, and what of it depends on the one before. */
export interface RowOf {
  readonly item: Item;
  /** The first of a day: its divider stands above. */
  readonly startsDay: boolean;
  /** The first of several by one person: with name and picture. */
  readonly startsGroup: boolean;
  /** The last of several by one person. */
  readonly endsGroup: boolean;
  /** The first that was unread: the line "New" stands above. */
  readonly isNew: boolean;
}

export function rowsOf(items: readonly Item[], firstUnread: number | undefined): RowOf[] {
  const rows: RowOf[] = [];
  let lineDrawn = firstUnread === undefined;
  let day: number | undefined;
  let before: Item | undefined;
  for (const item of items) {
    let startsDay = false;
    let isNew = false;
    if (item.kind === "message") {
      const itsDay = dayOf(item.at);
      startsDay = itsDay !== day;
      day = itsDay;
      if (!lineDrawn && item.id !== undefined && item.id.offset >= (firstUnread ?? 0)) {
        lineDrawn = true;
        isNew = true;
      }
    }
    const startsGroup = startsDay || isNew || !areTogether(before, item);
    const last = rows.length - 1;
    const previous = rows[last];
    if (previous !== undefined && startsGroup) {
      rows[last] = { ...previous, endsGroup: true };
    }
    rows.push({ item, startsDay, startsGroup, endsGroup: false, isNew });
    before = item;
  }
  const last = rows.length - 1;
  const end = rows[last];
  if (end !== undefined) {
    rows[last] = { ...end, endsGroup: true };
  }
  return rows;
}

function areTogether(a: Item | undefined, b: Item): boolean {
  return (
    a?.kind === "message" &&
    b.kind === "message" &&
    a.mine === b.mine &&
    a.user === b.user &&
    a.name === b.name &&
    b.replyTo === undefined &&
    b.at - a.at < TOGETHER
  );
}
