package io.topicstream.transport;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// At most one line a minute and kind in the log, for what clients can cause. A line says how many of its kind
/// were held back before it.
///
/// A kind is a short constant name. Their number is bounded: past it, new ones are counted as one.
///
/// Thread-safe. Never blocks for longer than a look-up takes.
final class LineLimit {
    private static final long WINDOW_NS = TimeUnit.MINUTES.toNanos(1);
    private static final int MOST_KINDS = 256;
    private static final String OTHER = "";

    private final LongSupplier nanoClock;
    private final int mostKinds;
    /// Guarded by this.
    private final Map<String, Window> windows = new HashMap<>();

    /// @param nanoClock a monotonic clock, as `System::nanoTime`
    LineLimit(LongSupplier nanoClock) {
        this(nanoClock, MOST_KINDS);
    }

    LineLimit(LongSupplier nanoClock, int mostKinds) {
        this.nanoClock = nanoClock;
        this.mostKinds = mostKinds;
    }

    /// Writes the line, unless one of its kind was written less than a minute ago.
    void log(System.Logger log, System.Logger.Level level, String kind, String line, @Nullable Throwable thrown) {
        long heldBack = permit(kind);
        if (heldBack >= 0) {
            log.log(level, heldBack == 0 ? line : line + " (and " + heldBack + " times before)", thrown);
        }
    }

    /// Asks to write a line of this kind.
    ///
    /// @return how many were held back since the last one; negative if this one is, too
    synchronized long permit(String kind) {
        long nowNs = nanoClock.getAsLong();
        Window window = window(kind, nowNs);
        if (window.isOpen(nowNs)) {
            window.heldBack++;
            return -1;
        }
        long heldBack = window.heldBack;
        window.heldBack = 0;
        window.beganNs = nowNs;
        return heldBack;
    }

    private Window window(String kind, long nowNs) {
        Window window = windows.get(kind);
        if (window != null) {
            return window;
        }
        if (windows.size() >= mostKinds) {
            windows.values().removeIf(known -> !known.isOpen(nowNs));
        }
        String key = windows.size() < mostKinds ? kind : OTHER;
        return windows.computeIfAbsent(key, _ -> new Window(nowNs - WINDOW_NS));
    }

    private static final class Window {
        long beganNs;
        long heldBack;

        Window(long beganNs) {
            this.beganNs = beganNs;
        }

        boolean isOpen(long nowNs) {
            return nowNs - beganNs < WINDOW_NS;
        }
    }
}
