import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const LAUNCHER = fileURLToPath(new URL("../../../topicstream", import.meta.url));

/** `topicstream serve` as a process of its own, on a folder that outlives it. */
export class Server {
  readonly #folder = mkdtempSync(join(tmpdir(), "topicstream-client-"));
  #process: ChildProcess | undefined;
  port = 0;

  get address(): string {
    return `ws://127.0.0.1:${this.port}/v1`;
  }

  /** @param yaml its configuration */
  async start(yaml = ""): Promise<this> {
    const config = join(this.#folder, "topicstream.yaml");
    writeFileSync(config, yaml);
    const log = openSync(join(this.#folder, "server.log"), "a");
    const options = ["--config", config, "--port", String(this.port), "--data", join(this.#folder, "data")];
    const started = spawn(LAUNCHER, ["serve", ...options], {
      cwd: this.#folder,
      stdio: ["ignore", "pipe", log],
      env: {
        ...process.env,
        TOPICSTREAM_JAVA_OPTS: "-XX:TieredStopAtLevel=1 -Xmx256m",
        TOPICSTREAM_SERVER_RUN_DIR: join(this.#folder, "run"),
      },
    });
    this.#process = started;
    const { stdout } = started;
    if (stdout === null) {
      throw new Error("the server has no output");
    }
    for await (const line of createInterface({ input: stdout })) {
      const ready = /^ready: http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
      if (ready !== null) {
        this.port = Number(ready[1]);
        // What else it says is not read, and must not stop it.
        stdout.resume();
        return this;
      }
    }
    throw new Error(`the server did not start: ${readFileSync(join(this.#folder, "server.log"), "utf8")}`);
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (running?.exitCode === null && running.signalCode === null) {
      const gone = once(running, "exit");
      running.kill("SIGKILL");
      await gone;
    }
  }

  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
