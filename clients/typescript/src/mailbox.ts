interface Call {
  run: () => unknown;
  bytes: number;
}

/**
 * Calls into the application that run one at a time and in order; one that gives back a promise is waited for.
 *
 * It counts the bytes that wait and refuses none: who fills it looks at `isFull` and stops. `drained` is then called
 * once when half of the bound is free again.
 */
export class Mailbox {
  readonly #calls: Call[] = [];
  #bytes = 0;
  #full = false;
  #running = false;

  constructor(
    private readonly boundBytes: number,
    private readonly drained: () => void,
    private readonly failed: (error: unknown) => void,
  ) {}

  get isFull(): boolean {
    return this.#full;
  }

  enqueue(run: () => unknown, bytes: number): void {
    this.#calls.push({ run, bytes });
    this.#bytes += bytes;
    this.#full ||= this.#bytes > this.boundBytes;
    if (!this.#running) {
      this.#running = true;
      void this.#run();
    }
  }

  async #run(): Promise<void> {
    // What enqueued has to be through before the application is called.
    await Promise.resolve();
    for (let call = this.#calls[0]; call !== undefined; call = this.#calls[0]) {
      try {
        await call.run();
      } catch (error) {
        this.failed(error);
      }
      this.#calls.shift();
      this.#bytes -= call.bytes;
      if (this.#full && this.#bytes <= this.boundBytes / 2) {
        this.#full = false;
        this.drained();
      }
    }
    this.#running = false;
  }
}
