import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the browsers and servers of a run make goes to one folder, which is removed also after a failure. */
export default function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), "topicstream-browser-"));
  process.env["TMPDIR"] = folder;
  return () => {
    // A process that was just ended may still be writing its last.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20 });
  };
}
