package io.topicstream.people;

import io.topicstream.log.Extent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Deletes rooms: all that was said in one, whose it was, and how far everybody had come. Thread-safe.
///
/// ## In which order
///
/// 1. It is nobody's topic any more, so that nobody who connects is put into it.
/// 2. What was said is trimmed. Offsets go on.
/// 3. How far users had come is forgotten.
/// 4. Those who listen are told, on all nodes, and listen no longer.
/// 5. The room's record goes, as the last of all.
///
/// Each step does no harm where it is done again. As long as the record is there the room can be deleted by who may do
/// so: where a node ends in the middle, that goes through all of it once more and so ends it. What is said in the room
/// meanwhile may stay, as if it had been said afterwards.
public final class RoomDeletions {
    /// How long acks of what was said before may come: a day.
    private static final long LATE_ACKS_MS = 24L * 60 * 60 * 1000;

    private final TopicLog log;
    private final Memberships memberships;
    private final Receipts receipts;
    private final Rooms rooms;
    private final Function<TopicName, ? extends CompletionStage<?>> endListening;
    private final InstantSource clock;

    /// @param endListening tells all nodes that those who listen to a topic are to leave
    public RoomDeletions(
            TopicLog log,
            Memberships memberships,
            Receipts receipts,
            Rooms rooms,
            Function<TopicName, ? extends CompletionStage<?>> endListening,
            InstantSource clock) {
        this.log = log;
        this.memberships = memberships;
        this.receipts = receipts;
        this.rooms = rooms;
        this.endListening = endListening;
        this.clock = clock;
    }

    /// Deletes a room; answers when that is durable.
    ///
    /// @param room as it was found
    public CompletionStage<@Nullable Void> delete(TopicName topic, RoomRecord room) {
        return memberships
                .forgetAllIn(topic)
                .thenCompose(_ -> log.extent(topic))
                .thenCompose(extent -> trim(topic, extent)
                        .thenCompose(_ ->
                                receipts.forgetAllIn(topic, extent.nextOffset() - 1, clock.millis() + LATE_ACKS_MS)))
                .thenCompose(_ -> endListening.apply(topic).thenCompose(_ -> rooms.forget(topic, room)));
    }

    private CompletionStage<Extent> trim(TopicName topic, Extent extent) {
        return extent.firstOffset() == extent.nextOffset()
                ? CompletableFuture.completedFuture(extent)
                : log.trim(topic, extent.nextOffset());
    }
}
