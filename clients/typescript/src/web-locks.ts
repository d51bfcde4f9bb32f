/** The Web Locks of this place, if it has some: pages that were not fetched over TLS have none. */
export function webLocks(): LockManager | undefined {
  return (globalThis as { navigator?: { locks?: LockManager } }).navigator?.locks;
}

/**
 * Holds a lock, which says to those who wait for it that somebody lives.
 *
 * @param until when it is given back; the end of the page or the worker does so too
 * @returns when it is held
 */
export function hold(locks: LockManager, name: string, until: Promise<unknown>): Promise<void> {
  return new Promise((held, failed) => {
    locks
      .request(name, () => {
        held();
        return until;
      })
      .catch(failed);
  });
}
