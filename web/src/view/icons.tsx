import type { ComponentChildren } from "preact";

/** Drawn for this page: lines on a grid of 24. They say nothing; the control that has one has a name. */
function icon(children: ComponentChildren) {
  return () => (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {children}
    </svg>
  );
}

const path = (d: string) => icon(<path d={d} />);

export const Back = path("M15 5l-7 7 7 7");
export const Close = path("M6 6l12 12M18 6L6 18");
export const Down = path("M12 5v14M6 13l6 6 6-6");
export const Plus = path("M12 5v14M5 12h14");
export const Send = path("M4 12l16-7-5 15-3.5-6.5zM11.5 13.5L20 5");
export const Reply = path("M10 6l-5 5 5 5M5 11h9a5 5 0 0 1 5 5v2");
export const Edit = path("M4 20l1-4L16 5l3 3L8 19zM14 7l3 3");
export const Trash = path("M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13");
export const Link = path(
  "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1",
);
export const Copy = path("M9 9h10v11H9zM15 9V5H5v11h4");
export const Check = path("M5 13l4.5 4.5L19 7");
export const Unread = icon(
  <>
    <path d="M20 11v7H8l-4 3V5h9" />
    <circle cx="18.5" cy="5.5" r="2.5" fill="currentColor" />
  </>,
);
export const More = icon(
  <>
    <circle cx="6" cy="12" r="1.2" fill="currentColor" />
    <circle cx="12" cy="12" r="1.2" fill="currentColor" />
    <circle cx="18" cy="12" r="1.2" fill="currentColor" />
  </>,
);
export const Smile = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M8.5 14a4 4 0 0 0 7 0M9 9.5v.5M15 9.5v.5" />
  </>,
);
export const Search = icon(
  <>
    <circle cx="11" cy="11" r="6" />
    <path d="M15.5 15.5L20 20" />
  </>,
);
export const People = icon(
  <>
    <circle cx="9" cy="8.5" r="3.5" />
    <path d="M3 19c0-3.5 2.5-5.5 6-5.5s6 2 6 5.5M16 5.5a3.5 3.5 0 0 1 0 6M17.5 14c2.3.7 3.5 2.5 3.5 5" />
  </>,
);
export const Sun = icon(
  <>
    <circle cx="12" cy="12" r="4" />
    <path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.5 5.5l1.5 1.5M17 17l1.5 1.5M18.5 5.5L17 7M7 17l-1.5 1.5" />
  </>,
);
export const Moon = path("M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z");
export const Gear = icon(
  <>
    <circle cx="12" cy="12" r="3" />
    <path d="M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1M18.4 5.6l-2.1 2.1M7.7 16.3l-2.1 2.1" />
  </>,
);
export const Pin = path("M12 15v6M8 4h8l-1 6 3 3v2H6v-2l3-3z");
export const Bell = path("M6 16V11a6 6 0 0 1 12 0v5l1.5 2h-15zM10 20.5h4");
export const Command = path("M4 6h16M4 12h10M4 18h7");
export const Leave = path("M14 5H6v14h8M11 12h9M17 9l3 3-3 3");
export const Clock = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <path d="M12 7v5l3 2" />
  </>,
);
export const Warning = path("M12 4l9 16H3zM12 10v4M12 17v.5");
export const CheckTwice = path("M2.5 13l4 4L15 8M11.5 16l1 1L21.5 8");
