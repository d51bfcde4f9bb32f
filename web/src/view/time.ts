/** Times in the words of the user's language. A "day" is a day of the user's clock. */
const DAY = 86_400_000;

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const date = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const dateOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const longDate = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const longDateOfYear = new Intl.DateTimeFormat(undefined, { dateStyle: "full" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/** The number of the local day: equal for all times between two midnights. */
export function dayOf(at: number): number {
  const day = new Date(at);
  return Math.round(Date.UTC(day.getFullYear(), day.getMonth(), day.getDate()) / DAY);
}

export function clockTime(at: number): string {
  return clock.format(at);
}

export function fullTime(at: number): string {
  return full.format(at);
}

export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** "Today", "Yesterday", or the date. */
export function dayLabel(at: number, now = Date.now()): string {
  const days = dayOf(at) - dayOf(now);
  if (days === 0 || days === -1) {
    return capital(relative.format(days, "day"));
  }
  return isThisYear(at, now) ? longDate.format(at) : longDateOfYear.format(at);
}

/** The shortest that tells when: for a list. */
export function shortTime(at: number, now = Date.now()): string {
  const days = dayOf(now) - dayOf(at);
  if (days <= 0) {
    return clock.format(at);
  }
  if (days < 7) {
    return weekday.format(at);
  }
  return isThisYear(at, now) ? date.format(at) : dateOfYear.format(at);
}

/** "5 minutes ago". */
export function ago(at: number, now = Date.now()): string {
  const minutes = Math.round((at - now) / 60_000);
  if (minutes > -60) {
    return relative.format(Math.min(minutes, 0), "minute");
  }
  const hours = Math.round(minutes / 60);
  return hours > -24 ? relative.format(hours, "hour") : relative.format(Math.round(hours / 24), "day");
}

function isThisYear(at: number, now: number): boolean {
  return new Date(at).getFullYear() === new Date(now).getFullYear();
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
