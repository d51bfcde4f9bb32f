package io.topicstream.server.sink;

import io.topicstream.log.Deadlines;
import io.topicstream.log.Timers;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.Supplier;

/// Lets events go when they are [#KEPT] old: once an hour, in small steps. Every node does it; it does no
/// harm twice. Owned by the sinks' thread.
final class EventTrim {
    /// How long events are kept.
    static final Duration KEPT = Duration.ofDays(30);
    /// How often it is looked for older ones.
    static final Duration EVERY = Duration.ofHours(1);

    /// How many go at once.
    static final int STEP = 10_000;

    /// Between two steps, in milliseconds.
    private static final long PAUSE_MS = 1_000;

    private final TopicLog log;
    private final InstantSource clock;
    private final Deadlines deadlines;
    private final Timers timers;
    private final ArrayDeque<TopicName> left = new ArrayDeque<>();
    private boolean ended;

    EventTrim(TopicLog log, InstantSource clock, Deadlines deadlines, Timers timers) {
        this.log = log;
        this.clock = clock;
        this.deadlines = deadlines;
        this.timers = timers;
    }

    /// Begins, with the first look after an hour.
    ///
    /// @param topics whose events are kept for so long; asked at each look
    void begin(Supplier<List<TopicName>> topics) {
        timers.schedule(
                () -> {
                    if (!ended) {
                        left.clear();
                        left.addAll(topics.get());
                        next();
                        begin(topics);
                    }
                },
                EVERY.toMillis());
    }

    void end() {
        ended = true;
    }

    private void next() {
        TopicName topic = ended ? null : left.poll();
        if (topic != null) {
            long since = clock.millis() - KEPT.toMillis();
            deadlines.within(
                    log.offsetAt(topic, since).thenCombine(log.extent(topic), (offset, extent) ->
                            new long[] {extent.firstOffset(), offset}),
                    (bounds, failure) -> {
                        if (bounds == null || bounds[0] >= bounds[1]) {
                            next();
                        } else {
                            step(topic, bounds[0], bounds[1]);
                        }
                    });
        }
    }

    private void step(TopicName topic, long first, long before) {
        long to = Math.min(before, first + STEP);
        deadlines.within(log.trim(topic, to), (extent, failure) -> {
            if (extent == null || to >= before) {
                next();
            } else {
                timers.schedule(
                        () -> {
                            if (!ended) {
                                step(topic, to, before);
                            }
                        },
                        PAUSE_MS);
            }
        });
    }
}
