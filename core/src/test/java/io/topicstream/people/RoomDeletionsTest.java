package io.topicstream.people;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.About;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.Extent;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.TopicName;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.FixedPresence;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A room is deleted: what goes, what stays, and that one which was stopped at any step is ended by the next.
class RoomDeletionsTest {
    private static final TopicName TEA = new TopicName("room:tea");
    private static final TopicName CHOIR = new TopicName("room:choir");

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor = new SteppedExecutor(clock);
    private final InMemoryLog log = new InMemoryLog(clock, executor, 7);
    private final StoppingStore state = new StoppingStore(new InMemoryStateStore(clock, executor));
    private final Memberships memberships = new Memberships(state, log, log, clock, 10, 10);
    private final Rooms rooms = new Rooms(state, log, clock);
    private final Receipts receipts =
            new Receipts(state, log, log, new FixedPresence(), new PresencePolicies(TopicPolicies.DEFAULT, rooms));
    private final List<TopicName> ended = new ArrayList<>();
    private final RoomDeletions deletions = new RoomDeletions(log, memberships, receipts, rooms, this::end, clock);

    /// What all that is kept in the store was changed by: it refuses changes when it is told to.
    private static final class StoppingStore implements StateStore {
        private final StateStore store;
        /// The records that are there, as far as they were put here.
        private final TreeMap<String, Boolean> known = new TreeMap<>();
        private int left = Integer.MAX_VALUE;

        StoppingStore(StateStore store) {
            this.store = store;
        }

        private <T> CompletionStage<T> change(Supplier<CompletionStage<T>> change) {
            if (left == 0) {
                return CompletableFuture.failedFuture(new LogUnavailableException("stopped"));
            }
            left--;
            return change.get();
        }

        @Override
        public CompletionStage<@Nullable StateRecord> get(String partition, String key) {
            return store.get(partition, key);
        }

        @Override
        public CompletionStage<Long> put(String partition, String key, byte[] value, long ifVersion, long expiresAtMs) {
            return change(() -> {
                known.put(partition + " | " + key, true);
                return store.put(partition, key, value, ifVersion, expiresAtMs);
            });
        }

        @Override
        public CompletionStage<Boolean> delete(String partition, String key, long ifVersion) {
            return change(() -> store.delete(partition, key, ifVersion).thenApply(deleted -> {
                if (deleted) {
                    known.remove(partition + " | " + key);
                }
                return deleted;
            }));
        }

        @Override
        public CompletionStage<Long> advance(String partition, String key, long number) {
            return change(() -> {
                known.put(partition + " | " + key, true);
                return store.advance(partition, key, number);
            });
        }

        @Override
        public CompletionStage<StatePage> scan(String partition, String prefix, String after, int limit) {
            return store.scan(partition, prefix, after, limit);
        }

        /// The records in which this stands.
        List<String> of(String text) {
            return known.keySet().stream().filter(name -> name.contains(text)).toList();
        }
    }

    private CompletionStage<Boolean> end(TopicName room) {
        ended.add(room);
        return state.change(() -> CompletableFuture.completedFuture(true));
    }

    private <T extends @Nullable Object> T get(CompletionStage<T> stage) {
        executor.runAll();
        return stage.toCompletableFuture().join();
    }

    private void publish(TopicName topic, String text, @Nullable About about) {
        Draft draft = new Draft(("\"" + text + "\"").getBytes(StandardCharsets.UTF_8), null, null);
        var _ = log.append(
                new Append(
                        topic,
                        List.of(about == null ? draft : draft.about(about)),
                        "bob",
                        "u:bob",
                        Append.ANY_OFFSET,
                        Lane.DIRECT) {
                    @Override
                    public void onAnswered(AppendResult result) {
                        assertThat(result).isInstanceOf(AppendResult.Appended.class);
                    }
                });
        executor.runAll();
    }

    /// A room with members, receipts and messages, and another one with the same.
    private void furnish() {
        for (TopicName room : List.of(TEA, CHOIR)) {
            get(rooms.put(room, "ann", Rooms.Change.of("T"), false));
            for (int i = 0; i < 3; i++) {
                publish(room, "said", null);
            }
            publish(room, "yes", new About(1, About.As.REPLY, null));
            for (String user : List.of("ann", "bob", "cy")) {
                get(memberships.add(user, room));
                get(receipts.store(user, room, new Progress(3, 2)));
            }
        }
    }

    private CompletableFuture<?> delete() {
        RoomRecord room = get(rooms.find(TEA));
        assertThat(room).isNotNull();
        CompletableFuture<?> deletion = deletions.delete(TEA, room).toCompletableFuture();
        executor.runAll();
        return deletion;
    }

    private void assertGone() {
        assertThat(get(rooms.find(TEA))).isNull();
        assertThat(state.of("tea")).containsExactly("forgotten-receipts | room:tea");
        assertThat(get(log.extent(TEA))).isEqualTo(new Extent(7, 5, 5));
        assertThat(get(log.references(TEA, 1, 5, 10))).isEmpty();
        assertThat(get(memberships.list("bob"))).containsExactly(CHOIR);
        assertThat(get(receipts.find("bob", TEA))).isEqualTo(new Progress(0, 0));
        assertThat(get(rooms.listOf("ann", "", "", 10)).rooms())
                .extracting(Rooms.Made::topic)
                .containsExactly(CHOIR);
        // Of another room nothing is gone.
        assertThat(get(receipts.find("bob", CHOIR))).isEqualTo(new Progress(3, 2));
        assertThat(get(log.extent(CHOIR))).isEqualTo(new Extent(7, 1, 5));
    }

    @Test
    void allThatIsKeptOfTheRoomGoesAndOffsetsGoOn() {
        furnish();

        delete().join();

        assertGone();
        assertThat(ended).containsExactly(TEA);
        publish(TEA, "anew", null);
        assertThat(get(log.extent(TEA))).isEqualTo(new Extent(7, 5, 6));
        get(rooms.put(TEA, "bob", Rooms.Change.of("His"), false));
        assertThat(get(rooms.find(TEA))).isEqualTo(new RoomRecord("bob", clock.millis(), "His"));
    }

    @Test
    void whoWasPutThereByAnOlderVersionIsFoundOnceHeSubscribesAnew() {
        furnish();
        get(state.delete("subscribers/" + TEA, "bob", StateStore.ANY_VERSION));

        assertThat(get(memberships.add("bob", TEA))).isTrue();
        delete().join();

        assertGone();
    }

    @Test
    void whereItWasStoppedAtAnyStepTheNextOneEndsIt() {
        furnish();
        int steps = 0;
        CompletableFuture<?> deletion;
        do {
            state.left = steps;
            deletion = delete();
            state.left = Integer.MAX_VALUE;
            if (deletion.isCompletedExceptionally()) {
                assertThat(get(rooms.find(TEA)))
                        .as("after %d steps it can be asked for again", steps)
                        .isNotNull();
                steps++;
            }
        } while (deletion.isCompletedExceptionally());

        assertThat(steps).isGreaterThan(5);
        assertGone();
    }

    @Test
    void whereItWasStoppedOnceTheNextOneEndsIt() {
        int all = Integer.MAX_VALUE;
        for (int steps = 0; steps < all; steps++) {
            RoomDeletionsTest anew = new RoomDeletionsTest();
            anew.furnish();
            anew.state.left = steps;
            boolean isStopped = anew.delete().isCompletedExceptionally();
            anew.state.left = Integer.MAX_VALUE;
            if (isStopped) {
                anew.delete().join();
            } else {
                all = steps;
            }
            anew.assertGone();
        }
        assertThat(all).isGreaterThan(10);
    }

    @Test
    void anAckOfWhatWasSaidBeforeLeavesNothingBehindAndOneOfWhatIsSaidSinceDoes() {
        furnish();
        delete().join();

        get(receipts.store("bob", TEA, new Progress(4, 4)));
        get(receipts.store("cy", TEA, new Progress(100, 100)));

        assertGone();
        publish(TEA, "anew", null);
        get(receipts.store("bob", TEA, new Progress(5, 5)));
        assertThat(get(receipts.find("bob", TEA))).isEqualTo(new Progress(5, 5));
        assertThat(get(receipts.isKnown(TEA, "bob"))).isTrue();
    }

    @Test
    void aRoomThatChangesMeanwhileGoesAndOneThatWasMadeAnewStays() {
        furnish();
        RoomRecord found = get(rooms.find(TEA));
        assertThat(found).isNotNull();
        get(rooms.put(TEA, "ann", Rooms.Change.of("Coffee"), false));
        get(deletions.delete(TEA, found));
        assertGone();

        clock.advance(Duration.ofSeconds(1));
        get(rooms.put(TEA, "ann", Rooms.Change.of("Anew"), false));
        get(deletions.delete(TEA, found));

        assertThat(get(rooms.find(TEA))).isEqualTo(new RoomRecord("ann", clock.millis(), "Anew"));
        assertThat(get(rooms.listOf("ann", "", "", 10)).rooms())
                .extracting(Rooms.Made::topic)
                .containsExactly(CHOIR, TEA);
    }

    @Test
    void manyMembersAreForgottenToTheLast() {
        get(rooms.put(TEA, "ann", Rooms.Change.of(null), false));
        publish(TEA, "said", null);
        for (int i = 0; i < 333; i++) {
            get(memberships.add("u" + i, TEA));
            get(receipts.store("u" + i, TEA, new Progress(1, 1)));
        }

        delete().join();

        assertThat(state.of("tea")).containsExactly("forgotten-receipts | room:tea");
    }
}
