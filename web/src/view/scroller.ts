/** How far from the end still counts as the end. */
const END = 4;

interface Anchor {
  readonly element: HTMLElement;
  /** Of its top, below the top of what is seen. */
  readonly top: number;
}

/**
 * Where the timeline stands. What is seen stays where it is, no matter what comes or grows above it; at the end it stays
 * at the end. The browser's own anchoring is off (`overflow-anchor`): not every browser has it, and none keeps the end.
 */
export class Scroller {
  readonly #frame: HTMLElement;
  readonly #list: HTMLElement;
  readonly #moved: () => void;
  readonly #sizes: ResizeObserver;
  #anchors: readonly Anchor[] = [];
  #following = false;
  #placed = false;
  /** Where this class has scrolled to: the event that tells of it is not the user's. */
  #expected = -1;
  /** Where it was scrolled to when the anchors were noted. */
  #known = 0;

  constructor(frame: HTMLElement, list: HTMLElement, moved: () => void) {
    this.#frame = frame;
    this.#list = list;
    this.#moved = moved;
    this.#sizes = new ResizeObserver(() => {
      this.keep();
    });
    this.#sizes.observe(frame);
    this.#sizes.observe(list);
    frame.addEventListener("scroll", this.#scrolled, { passive: true });
  }

  close(): void {
    this.#sizes.disconnect();
    this.#frame.removeEventListener("scroll", this.#scrolled);
  }

  /** True as long as the end is to be seen whatever comes. */
  get following(): boolean {
    return this.#following;
  }

  get placed(): boolean {
    return this.#placed;
  }

  /** How much is above what is seen, and below it. */
  get above(): number {
    return this.#frame.scrollTop;
  }

  get below(): number {
    return this.#frame.scrollHeight - this.#frame.clientHeight - this.#frame.scrollTop;
  }

  get height(): number {
    return this.#frame.clientHeight;
  }

  /** After anything has changed, and before it is painted: puts what was seen back to its place. */
  keep(): void {
    if (!this.#placed) {
      return;
    }
    const scrolled = this.#scrolledSince();
    if (scrolled < -END) {
      this.#following = false;
    }
    if (this.#following) {
      this.#scrollTo(this.#frame.scrollHeight);
      this.#note();
    } else {
      const anchor = this.#anchors.find(({ element }) => element.isConnected);
      if (anchor === undefined) {
        this.#note();
      } else {
        const off = this.#topOf(anchor.element) - anchor.top + scrolled;
        if (Math.abs(off) >= 0.5) {
          this.#scrollTo(this.#frame.scrollTop + off);
        }
        if (anchor !== this.#anchors[0] || scrolled !== 0) {
          this.#note();
        }
      }
    }
    this.#moved();
  }

  toEnd(): void {
    this.#placed = true;
    this.#following = true;
    this.#known = this.#frame.scrollTop;
    this.keep();
  }

  /** Puts an element so that this part of the free room is above it: 0 is the top, 0.5 the middle. */
  toElement(element: HTMLElement, part: number): void {
    const free = Math.max(0, this.#frame.clientHeight - element.offsetHeight);
    this.#placed = true;
    this.#scrollTo(this.#frame.scrollTop + this.#topOf(element) - free * part);
    this.#following = this.below <= END;
    this.#note();
    this.#moved();
  }

  readonly #scrolled = () => {
    if (Math.abs(this.#frame.scrollTop - this.#expected) < 1) {
      return;
    }
    this.#expected = -1;
    this.#following = this.below <= END;
    this.#note();
    this.#moved();
  };

  /**
   * How far the user has scrolled since the anchors were noted, while the event that tells of it is still to come: it is
   * not to be undone. Where the content has become too short, it is the browser that has scrolled.
   */
  #scrolledSince(): number {
    const by = this.#frame.scrollTop - this.#known;
    return by < 0 && this.below < 1 ? 0 : by;
  }

  #scrollTo(top: number): void {
    this.#frame.scrollTop = top;
    this.#expected = this.#frame.scrollTop;
    this.#known = this.#expected;
  }

  #topOf(element: HTMLElement): number {
    return element.getBoundingClientRect().top - this.#frame.getBoundingClientRect().top;
  }

  /**
   * Remembers where the rows that are seen are: the first is what is kept, the others stand in when it goes. The anchor is
   * the bubble and no row, because a row may win or lose the name and the day above its bubble.
   */
  #note(): void {
    const rows = this.#list.querySelectorAll<HTMLElement>("[data-anchor]");
    const frame = this.#frame.getBoundingClientRect();
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((rows[middle]?.getBoundingClientRect().top ?? 0) < frame.top) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    const anchors: Anchor[] = [];
    // Where one message fills the whole, it is itself the anchor.
    const first = rows[low];
    if (low > 0 && (first === undefined || first.getBoundingClientRect().top > frame.bottom)) {
      low--;
    }
    for (let i = low; i < rows.length && anchors.length < 40; i++) {
      const element = rows[i];
      const top = (element?.getBoundingClientRect().top ?? 0) - frame.top;
      if (element === undefined || (top > frame.height && anchors.length > 0)) {
        break;
      }
      anchors.push({ element, top });
    }
    this.#anchors = anchors;
    this.#known = this.#frame.scrollTop;
  }
}
