package io.topicstream.people;

import io.topicstream.log.Timers;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The connections that have ended and are not forgotten yet, so that their users may come back unnoticed.
/// Owned by the thread of the presence.
final class GraceTime {
    private final long graceMs;
    private final InstantSource clock;
    private final Timers timers;
    private final Consumer<Ghost> onOver;
    private final Map<String, List<Ghost>> byUser = new HashMap<>();
    /// The one whose time is over first in front: all have the same time.
    private final ArrayDeque<Ghost> inOrder = new ArrayDeque<>();
    private boolean isTimed;

    /// A connection that has ended.
    ///
    /// @param seen null where it was seen in no topic
    record Ghost(String user, @Nullable SeenConnection seen, long untilMs) {}

    /// @param onOver told of each whose time is over
    GraceTime(long graceMs, InstantSource clock, Timers timers, Consumer<Ghost> onOver) {
        this.graceMs = graceMs;
        this.clock = clock;
        this.timers = timers;
        this.onOver = onOver;
    }

    /// A connection of the user has ended.
    ///
    /// @param isForgottenAtOnce whether its time is over at once
    void begin(String user, @Nullable SeenConnection seen, boolean isForgottenAtOnce) {
        Ghost ghost = new Ghost(user, seen, clock.millis() + graceMs);
        if (graceMs == 0 || isForgottenAtOnce) {
            onOver.accept(ghost);
        } else {
            byUser.computeIfAbsent(user, _ -> new ArrayList<>(1)).add(ghost);
            inOrder.add(ghost);
            schedule(graceMs);
        }
    }

    /// Those of a user.
    List<Ghost> of(@Nullable String user) {
        return user == null ? List.of() : byUser.getOrDefault(user, List.of());
    }

    private void schedule(long delayMs) {
        if (!isTimed) {
            isTimed = true;
            timers.schedule(this::onTime, delayMs);
        }
    }

    private void onTime() {
        isTimed = false;
        long nowMs = clock.millis();
        for (Ghost first = inOrder.peek(); first != null; first = inOrder.peek()) {
            long leftMs = first.untilMs() - nowMs;
            // More than all of it are left where the clock was put back.
            if (leftMs > 0 && leftMs <= graceMs) {
                schedule(leftMs);
                return;
            }
            inOrder.remove();
            List<Ghost> ofUser = byUser.get(first.user());
            if (ofUser != null) {
                ofUser.remove(first);
                if (ofUser.isEmpty()) {
                    byUser.remove(first.user());
                }
            }
            onOver.accept(first);
        }
    }
}
