const ALLOWED = new Set(["http:", "https:", "mailto:"]);

/** The address where it is one that may be followed from a message. */
export function safeLink(address: string): string | undefined {
  let url: URL;
  try {
    // Without a base: a relative address is none.
    url = new URL(address);
  } catch {
    return undefined;
  }
  return ALLOWED.has(url.protocol) ? url.href : undefined;
}
