interface Target {
  addEventListener?: (type: string, listener: () => void) => void;
  removeEventListener?: (type: string, listener: () => void) => void;
}

/**
 * Calls back when a page becomes visible and when the network is there again. Where there are no such events it never
 * does.
 *
 * @returns what ends it
 */
export function onWake(callback: () => void): () => void {
  const page = globalThis as Target & { document?: Target & { visibilityState?: string } };
  const document = page.document;
  const visible = (): void => {
    if (document?.visibilityState === "visible") {
      callback();
    }
  };
  document?.addEventListener?.("visibilitychange", visible);
  page.addEventListener?.("online", callback);
  return () => {
    document?.removeEventListener?.("visibilitychange", visible);
    page.removeEventListener?.("online", callback);
  };
}
