package io.topicstream.log;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;

/// At most one line a minute and kind in the server's log, for what clients can cause.
///
/// A kind is a short constant name such as `handshake-refused`. The number of kinds is bounded: past it,
/// new kinds are counted as one. Stands in this package only because every other package may use it; it
/// has nothing to do with topics.
///
/// Thread-safe. Never blocks for longer than a look-up takes.
public final class LogLimit {
    /// The time between two lines of one kind, in milliseconds.
    public static final long WINDOW_MS = 60_000;

    private static final int MAX_KINDS = 256;
    private static final String OTHER = "";

    private final InstantSource clock;
    private final int maxKinds;
    /// Guarded by this.
    private final Map<String, Window> windows = new HashMap<>();

    public LogLimit(InstantSource clock) {
        this(clock, MAX_KINDS);
    }

    LogLimit(InstantSource clock, int maxKinds) {
        this.clock = clock;
        this.maxKinds = maxKinds;
    }

    /// Whether a line of this kind may be written now. Counts it as held back if not.
    public synchronized boolean permits(String kind) {
        long nowMs = clock.millis();
        Window window = window(kind, nowMs);
        if (window.isOpen(nowMs)) {
            window.heldBack++;
            return false;
        }
        window.heldBackBefore = window.heldBack;
        window.heldBack = 0;
        window.beganMs = nowMs;
        window.began = true;
        return true;
    }

    /// How many lines of this kind were held back between the last two that were permitted. Asked right
    /// after `permits` said yes: "and 41 more since the last such line".
    public synchronized long heldBack(String kind) {
        Window window = windows.get(kind);
        if (window == null) {
            window = windows.get(OTHER);
        }
        return window == null ? 0 : window.heldBackBefore;
    }

    private Window window(String kind, long nowMs) {
        Window window = windows.get(kind);
        if (window != null) {
            return window;
        }
        if (windows.size() >= maxKinds) {
            windows.values().removeIf(known -> !known.isOpen(nowMs));
        }
        String key = windows.size() < maxKinds ? kind : OTHER;
        return windows.computeIfAbsent(key, _ -> new Window());
    }

    private static final class Window {
        boolean began;
        long beganMs;
        long heldBack;
        long heldBackBefore;

        /// A clock that was set back ends the window too, so that the log does not fall silent.
        boolean isOpen(long nowMs) {
            return began && nowMs >= beganMs && nowMs - beganMs < WINDOW_MS;
        }
    }
}
