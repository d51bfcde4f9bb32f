package io.topicstream.http;

import io.topicstream.log.Extent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Where the topics begin that were produced to lately, for the header `Topic-First-Offset` of a produce.
///
/// The log's answer to an append does not say it, and asking for every append would double the requests to the
/// engine. A first offset only grows, when old messages are let go, so one that is up to [#KEPT_MS] old is at worst
/// a little low, as every answer is by the time it arrives. Topics share the places by their hash and push each
/// other out. Belongs to its thread.
final class FirstOffsets {
    /// For how long an answer is used, in milliseconds.
    static final long KEPT_MS = 1_000;
    /// Returned where it has to be asked for.
    static final long UNKNOWN = -1;

    private static final int PLACES = 1024;

    private final TopicLog log;
    private final InstantSource clock;
    private final @Nullable TopicName[] topics = new @Nullable TopicName[PLACES];
    private final long[] epochs = new long[PLACES];
    private final long[] firstOffsets = new long[PLACES];
    private final long[] askedAtMs = new long[PLACES];

    FirstOffsets(TopicLog log, InstantSource clock) {
        this.log = log;
        this.clock = clock;
    }

    /// The topic's first offset in this epoch, or [#UNKNOWN].
    long find(TopicName topic, long epoch) {
        int place = placeOf(topic);
        long ageMs = clock.millis() - askedAtMs[place];
        boolean known = topic.equals(topics[place]) && epochs[place] == epoch && ageMs >= 0 && ageMs < KEPT_MS;
        return known ? firstOffsets[place] : UNKNOWN;
    }

    /// Asks the log; the answer goes to [#keep].
    CompletionStage<Extent> ask(TopicName topic) {
        return log.extent(topic);
    }

    /// Remembers what the log answered.
    void keep(TopicName topic, Extent extent) {
        int place = placeOf(topic);
        topics[place] = topic;
        epochs[place] = extent.epoch();
        firstOffsets[place] = extent.firstOffset();
        askedAtMs[place] = clock.millis();
    }

    private static int placeOf(TopicName topic) {
        int hash = topic.value().hashCode();
        return (hash ^ hash >>> 16) & PLACES - 1;
    }
}
