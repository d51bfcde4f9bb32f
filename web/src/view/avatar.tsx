/** As many as `avatar.css` has. */
const HUES = 12;

/** The same colour for a user everywhere and always. */
export function hueOf(user: string): number {
  let hash = 0;
  for (let i = 0; i < user.length; i++) {
    hash = (Math.imul(hash, 31) + user.charCodeAt(i)) | 0;
  }
  return Math.abs(hash) % HUES;
}

/** One or two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const first = words[0];
  if (first === undefined) {
    return "?";
  }
  const last = words.length > 1 ? words[words.length - 1] : undefined;
  return (letter(first) + (last === undefined ? "" : letter(last))).toLocaleUpperCase();
}

function letter(word: string): string {
  return String.fromCodePoint(word.codePointAt(0) ?? 63);
}

interface AvatarProps {
  readonly user: string;
  readonly name: string;
  readonly size?: "tiny" | "small" | "medium";
  /** A dot: whether the user is there; none where it is not known. */
  readonly online?: boolean | undefined;
}

/** Said by what stands beside it: hidden from screen readers. */
export function Avatar({ user, name, size = "medium", online }: AvatarProps) {
  return (
    <span class={`avatar ${size} hue-${hueOf(user)}`} data-initials={initials(name)} aria-hidden="true">
      {online === undefined ? null : <span class={online ? "dot online" : "dot"} />}
    </span>
  );
}
