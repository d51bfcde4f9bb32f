package io.topicstream.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import io.topicstream.testkit.RecordedPresence;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ActiveRoomsCommandTest {
    private static final byte[] ID = {};

    /// Two rooms a page: `room:000`, `room:001` … with as many connections as their number says.
    private static final class Crowded extends RecordedPresence {
        private final int rooms;

        Crowded(int rooms) {
            this.rooms = rooms;
        }

        @Override
        public CompletionStage<Crowds> crowds(String prefix, String after, int limit) {
            if (rooms < 0) {
                return CompletableFuture.failedFuture(new IllegalStateException("on purpose"));
            }
            assertThat(prefix).isEqualTo("room:");
            int first = after.isEmpty() ? 0 : Integer.parseInt(after.substring(prefix.length())) + 1;
            int end = Math.min(rooms, first + 2);
            List<Crowd> crowds = IntStream.range(first, end)
                    .mapToObj(i -> new Crowd(new TopicName("room:%03d".formatted(i)), 1, i))
                    .toList();
            return CompletableFuture.completedFuture(
                    new Crowds(crowds, end == rooms ? null : "room:%03d".formatted(end - 1)));
        }
    }

    private static Result<Query.ActiveRoomList> run(int rooms, List<Grant> grants, int maxBytes) {
        return new ActiveRoomsCommand(new Crowded(rooms))
                .run(new TestCaller(Identity.anonymous("ann", null, grants)), new Query.ActiveRooms(ID), maxBytes)
                .toCompletableFuture()
                .join();
    }

    private static List<Query.ActiveRoom> rooms(Result<Query.ActiveRoomList> result) {
        return ((Result.Success<Query.ActiveRoomList>) result).value().rooms();
    }

    @Test
    void allPagesAreReadAndARoomWithoutConnectionsIsLeftOut() {
        List<Query.ActiveRoom> rooms = rooms(run(7, Grant.DEFAULT, 100_000));

        assertThat(rooms)
                .extracting(room -> room.topic().value(), Query.ActiveRoom::connections)
                .containsExactlyElementsOf(IntStream.range(1, 7)
                        .mapToObj(i -> tuple("room:%03d".formatted(i), (long) i))
                        .toList());
        assertThat(rooms(run(0, Grant.DEFAULT, 100_000))).isEmpty();
    }

    @Test
    void roomsOfWhichTheCallerMayNotSeeWhoIsThereAreLeftOut() {
        List<Grant> grants = List.of(
                new Grant("room:*", EnumSet.of(Permission.SUBSCRIBE)),
                new Grant("room:002", EnumSet.of(Permission.PRESENCE)));

        assertThat(rooms(run(7, grants, 100_000)))
                .extracting(room -> room.topic().value())
                .containsExactly("room:002");
    }

    @Test
    void theListEndsWhereItsRoomIsUsedUp() {
        assertThat(rooms(run(500, Grant.DEFAULT, 100_000)).size()).isEqualTo(499);
        assertThat(rooms(run(500, Grant.DEFAULT, 1_000)).size()).isBetween(5, 20);
        assertThat(rooms(run(500, Grant.DEFAULT, 1))).isEmpty();
    }

    @Test
    void wherePresenceCannotBeAskedItIsUnavailable() {
        assertThat(run(-1, Grant.DEFAULT, 1_000))
                .isInstanceOfSatisfying(
                        Result.Refused.class,
                        refused -> assertThat(refused.refusal().code()).isEqualTo(ErrorCode.UNAVAILABLE));
    }
}
