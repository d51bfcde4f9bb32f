package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.log.Admission;
import io.topicstream.log.TopicName;
import io.topicstream.people.Rooms.Outcome;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.Seeds;
import io.topicstream.testkit.SteppedExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RoomsTest {
    private static final TopicName TEA = new TopicName("room:tea");

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor = new SteppedExecutor(clock);
    private final InMemoryStateStore store = new InMemoryStateStore(clock, executor);
    private final List<TopicName> told = new ArrayList<>();
    private final Rooms rooms = new Rooms(store, this::signal, clock);

    private <T extends @Nullable Object> T join(CompletionStage<T> stage) {
        executor.runAll();
        return stage.toCompletableFuture().join();
    }

    private Admission signal(TopicName topic, byte[] signal) {
        if (topic.equals(SystemTopics.ROOMS) && Signal.decode(signal) instanceof Signal.RoomChanged(TopicName room)) {
            told.add(room);
        }
        return Admission.ACCEPTED;
    }

    private Outcome put(TopicName topic, Rooms.Change change) {
        return join(rooms.put(topic, "ann", change, false));
    }

    @Test
    void itsPolicyIsKeptUntilAnotherOneIsSaidAndOnlyAChangeIsTold() {
        long made = clock.millis();
        assertThat(put(TEA, new Rooms.Change("Tea", true, PresencePolicy.COUNTS)))
                .isEqualTo(new Outcome.Put(new RoomRecord("ann", made, "Tea", PresencePolicy.COUNTS)));
        assertThat(told).containsExactly(TEA);
        assertThat(put(TEA, Rooms.Change.of("Coffee")))
                .isEqualTo(new Outcome.Put(new RoomRecord("ann", made, "Coffee", PresencePolicy.COUNTS)));
        put(TEA, new Rooms.Change(null, true, PresencePolicy.COUNTS));
        assertThat(told).containsExactly(TEA);

        assertThat(put(TEA, new Rooms.Change(null, true, null)))
                .isEqualTo(new Outcome.Put(new RoomRecord("ann", made, "Coffee", null)));
        assertThat(told).containsExactly(TEA, TEA);
    }

    @Test
    void aRecordKeepsEachPolicyAndOneWithoutIsWrittenAsBefore() {
        for (PresencePolicy policy : PresencePolicy.values()) {
            for (String title : new String[] {null, "T", "Grün 😀"}) {
                RoomRecord room = new RoomRecord("ann", 7, title, policy);
                assertThat(RoomRecord.decode(room.encode())).isEqualTo(room);
            }
        }
        assertThat(new RoomRecord("ann", 7, "T", PresencePolicy.OFF).encode())
                .isEqualTo(new byte[] {2, 0, 0, 0, 0, 0, 0, 0, 7, 3, 'a', 'n', 'n', 1, 'T'});
        assertThat(new RoomRecord("ann", 7, "T").encode())
                .isEqualTo(new byte[] {1, 0, 0, 0, 0, 0, 0, 0, 7, 3, 'a', 'n', 'n', 'T'});
        byte[] unknown = new RoomRecord("ann", 7, "T", PresencePolicy.OFF).encode();
        unknown[13] = 9;
        assertThatThrownBy(() -> RoomRecord.decode(unknown)).isInstanceOf(IllegalStateException.class);
    }

    private Outcome put(TopicName topic, String user, @Nullable String title, boolean isAdministrator) {
        return join(rooms.put(topic, user, Rooms.Change.of(title), isAdministrator));
    }

    private static String names(Rooms.Page page) {
        return page.rooms().stream().map(room -> room.topic().value()).collect(Collectors.joining(" "))
                + (page.next() == null ? "" : " …");
    }

    @Test
    void aRoomIsItsMakersAndOthersDoNotChangeIt() {
        long made = clock.millis();
        assertThat(put(TEA, "ann", "Tea", false)).isEqualTo(new Outcome.Put(new RoomRecord("ann", made, "Tea")));
        clock.advance(Duration.ofSeconds(1));

        assertThat(put(TEA, "bob", "Coffee", false)).isEqualTo(Outcome.Not.OWNED);
        assertThat(put(TEA, "bob", "Coffee", true)).isEqualTo(new Outcome.Put(new RoomRecord("ann", made, "Coffee")));
        assertThat(put(TEA, "ann", null, false)).isEqualTo(new Outcome.Put(new RoomRecord("ann", made, "Coffee")));
        assertThat(put(TEA, "ann", "", false)).isEqualTo(new Outcome.Put(new RoomRecord("ann", made, null)));
        assertThat(join(rooms.find(TEA))).isEqualTo(new RoomRecord("ann", made, null));
        assertThat(join(rooms.find(new TopicName("room:te")))).isNull();
    }

    @Test
    void ofManyWhoMakeItAtOnceOneOwnsIt() {
        for (int round = 0; round < 20; round++) {
            ManualClock time = new ManualClock();
            SteppedExecutor shuffled = new SteppedExecutor(time, Seeds.random("a room made at once"));
            Rooms contended = new Rooms(new InMemoryStateStore(time, shuffled), this::signal, time);
            List<CompletableFuture<Outcome>> outcomes = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                outcomes.add(contended
                        .put(TEA, "u" + i, Rooms.Change.of(null), false)
                        .toCompletableFuture());
            }
            shuffled.runAll();

            assertThat(outcomes.stream().filter(outcome -> outcome.join() instanceof Outcome.Put))
                    .hasSize(1);
            List<CompletableFuture<Rooms.Page>> lists = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                lists.add(contended.listOf("u" + i, "", "", 10).toCompletableFuture());
            }
            shuffled.runAll();
            // The index has all of them; the record has one.
            assertThat(lists.stream().filter(page -> !page.join().rooms().isEmpty()))
                    .hasSize(1);
        }
    }

    @Test
    void roomsAreListedByNameAndByOwner() {
        for (String name : List.of("room:c", "room:a", "room:b.1", "room:b.2")) {
            put(new TopicName(name), name.equals("room:a") ? "bob" : "ann", null, false);
        }

        assertThat(names(join(rooms.list("room:", "", 10)))).isEqualTo("room:a room:b.1 room:b.2 room:c");
        assertThat(names(join(rooms.list("room:", "", 2)))).isEqualTo("room:a room:b.1 …");
        assertThat(names(join(rooms.list("room:", "room:b.1", 2)))).isEqualTo("room:b.2 room:c");
        assertThat(names(join(rooms.list("room:b", "", 10)))).isEqualTo("room:b.1 room:b.2");
        assertThat(names(join(rooms.listOf("ann", "room:", "", 10)))).isEqualTo("room:b.1 room:b.2 room:c");
        assertThat(names(join(rooms.listOf("ann", "room:b", "", 1)))).isEqualTo("room:b.1 …");
        assertThat(names(join(rooms.listOf("cy", "room:", "", 10)))).isEmpty();
        assertThat(names(join(rooms.listOf("an", "room:", "", 10)))).isEmpty();
    }

    @Test
    void aUserOwnsAThousandRoomsAndNoMore() {
        for (int i = 0; i < Rooms.MAX_PER_OWNER; i++) {
            assertThat(put(new TopicName("room:" + i), "ann", null, false)).isInstanceOf(Outcome.Put.class);
        }

        assertThat(put(TEA, "ann", null, false)).isEqualTo(Outcome.Not.TOO_MANY);
        assertThat(put(new TopicName("room:7"), "ann", "Seven", false)).isInstanceOf(Outcome.Put.class);
        assertThat(put(TEA, "bob", null, false)).isInstanceOf(Outcome.Put.class);
    }

    @Test
    void aRecordIsReadAsItWasWritten() {
        for (RoomRecord room : List.of(
                new RoomRecord("a", 0, null),
                new RoomRecord("guest." + "x".repeat(88), Long.MAX_VALUE, "Grün 😀"),
                new RoomRecord("y".repeat(96), 1, "t".repeat(200)))) {
            assertThat(RoomRecord.decode(room.encode())).isEqualTo(room);
        }
        byte[] later = new RoomRecord("a", 0, null).encode();
        later[0] = 2;
        assertThatThrownBy(() -> RoomRecord.decode(later)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> RoomRecord.decode(new byte[3])).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void onlyNamesOfItsNamespaceAreRooms() {
        assertThat(Rooms.isRoom(TEA)).isTrue();
        assertThat(Rooms.isRoom(new TopicName("room:a:b"))).isTrue();
        for (String name : List.of("room:", "room", "rooms:a", "a", "dm:a~b", "Room:a")) {
            assertThat(Rooms.isRoom(new TopicName(name))).as(name).isFalse();
        }
    }
}
