import type { KeyValues } from "./ports.js";

/** JSON values under one prefix. What is broken counts as not there. */
export class Store {
  constructor(
    private readonly values: KeyValues,
    private readonly prefix: string,
  ) {}

  /** @param isValid what the value must be; it may have been written by another version of the page */
  read<T>(key: string, isValid: (value: unknown) => value is T): T | undefined {
    const text = this.values.get(this.prefix + key);
    if (text === undefined) {
      return undefined;
    }
    try {
      const value: unknown = JSON.parse(text);
      return isValid(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  write(key: string, value: unknown): void {
    this.values.set(this.prefix + key, JSON.stringify(value));
  }

  remove(key: string): void {
    this.values.remove(this.prefix + key);
  }

  keys(): string[] {
    return this.values
      .keys()
      .filter((key) => key.startsWith(this.prefix))
      .map((key) => key.slice(this.prefix.length));
  }

  clear(): void {
    for (const key of this.keys()) {
      this.remove(key);
    }
  }

  /** Told of keys that another tab has changed. */
  onChange(listener: (key: string) => void): void {
    this.values.onChange((key) => {
      if (key.startsWith(this.prefix)) {
        listener(key.slice(this.prefix.length));
      }
    });
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

export function isTrue(value: unknown): value is true {
  return value === true;
}
