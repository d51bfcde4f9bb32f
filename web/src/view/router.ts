import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { View } from "./context.js";
import { parseRoute, routeTo } from "./route.js";

/** Keeps the address and the place that is shown the same. Mounted with the session, so that the address waits for it. */
export function useRoute({ chat }: View): void {
  const asked = useRef<string | undefined>(undefined);
  /** The part of the address that was followed or written last. */
  const known = useRef(location.hash);
  useEffect(() => {
    const follow = () => {
      known.current = location.hash;
      const route = parseRoute(location.hash);
      asked.current = route?.topic;
      if (route === undefined) {
        chat.close();
      } else {
        chat.open(route.topic, route.at);
      }
    };
    known.current = location.hash;
    if (parseRoute(location.hash) !== undefined) {
      follow();
    }
    window.addEventListener("hashchange", follow);
    return () => {
      window.removeEventListener("hashchange", follow);
    };
  }, [chat]);
  useSignalEffect(() => {
    const topic = chat.current.value?.topic;
    if (location.hash !== known.current) {
      // It has been changed, and its event is still to come: what the user asks for is not to be written over.
      return;
    }
    const shown = parseRoute(location.hash)?.topic;
    if (topic === shown || (topic === undefined && shown === asked.current && asked.current !== undefined)) {
      // The address was there first: what it names is still to come.
      if (topic !== undefined) {
        asked.current = undefined;
      }
      return;
    }
    if (topic !== undefined && asked.current !== undefined && asked.current !== topic) {
      return;
    }
    history.pushState(null, "", topic === undefined ? location.pathname + location.search : routeTo(topic));
    known.current = location.hash;
  });
}
