package io.topicstream.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Admission;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.AppendResult.Conflict;
import io.topicstream.log.Batch;
import io.topicstream.log.Details;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.Headers;
import io.topicstream.log.Lane;
import io.topicstream.log.Message;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What every [TopicFeed] promises to the lanes of live nodes, one sentence a test. An engine with a
/// feed extends this beside [TopicLogContract].
public abstract class TopicFeedContract extends LogContractFixture {

    // ---- following

    @Test
    void aFollowIsAnsweredWithTheExtent() {
        storeNumbers(TOPIC, 5);
        get(log().trim(TOPIC, 3));

        RecordingFollower follower = follow(TOPIC, newLane());

        assertThat(get(follower.followed())).isEqualTo(extent(TOPIC));
    }

    @Test
    void aTopicThatNobodyWroteToCanBeFollowedAndIsNotMadeByIt() {
        RecordingFollower follower = follow(TOPIC, newLane());

        Extent extent = get(follower.followed());
        assertThat(extent).isEqualTo(Extent.empty(extent.epoch()));
        assertThat(topics()).isEmpty();
        store(TOPIC, "1");
        awaitHeard(follower, 1);
        assertUnbroken(follower.offsets(), 1, 1);
    }

    @Test
    void everyBatchAfterTheAnswerIsHeardOnceAndInOrderWhileOthersAppend() throws Exception {
        int appenders = 4;
        int each = 250;
        List<RecordingFollower> followers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            followers.add(new RecordingFollower(TOPIC, newLane()));
        }
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int a = 0; a < appenders; a++) {
            RecordingLane own = newLane();
            int appender = a;
            tasks.add(() -> {
                for (int i = 0; i < each; i++) {
                    RecordingAppend append = RecordingAppend.to(TOPIC)
                            .message("\"" + appender + "-" + i + "\"")
                            .message("\"and more\"")
                            .on(own);
                    submit(append);
                    if (i % 16 == 15 || i == each - 1) {
                        get(append.answer());
                    }
                    if (appender == 0 && i % 80 == 40) {
                        RecordingFollower late = followers.get(i / 80);
                        feed().follow(TOPIC, late.lane(), late);
                    }
                }
                return null;
            });
        }

        together(tasks);

        long last = (long) appenders * each * 2;
        List<Message> stored = all(TOPIC);
        assertThat(stored).hasSize((int) last);
        for (RecordingFollower follower : followers) {
            long next = get(follower.followed()).nextOffset();
            awaitHeard(follower, last);
            assertThat(follower.messages()).isEqualTo(stored.subList((int) next - 1, stored.size()));
        }
    }

    @Test
    void allFollowersAndAllReadersSeeOneOrder() throws Exception {
        List<RecordingFollower> followers = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            RecordingFollower follower = follow(TOPIC, newLane());
            get(follower.followed());
            followers.add(follower);
        }
        List<Callable<Void>> tasks = new ArrayList<>();
        for (int a = 0; a < 8; a++) {
            RecordingLane own = newLane();
            int appender = a;
            tasks.add(() -> {
                RecordingAppend last = null;
                for (int i = 0; i < 60; i++) {
                    last = RecordingAppend.to(TOPIC)
                            .message("\"" + appender + "-" + i + "\"")
                            .on(own);
                    submit(last);
                }
                get(last.answer());
                return null;
            });
        }

        together(tasks);

        List<Message> stored = all(TOPIC);
        for (RecordingFollower follower : followers) {
            awaitHeard(follower, 480);
            assertThat(follower.messages()).isEqualTo(stored);
        }
    }

    @Test
    void aBatchCarriesTheEpochAndTheMessagesAsTheyAreRead() {
        RecordingFollower follower = follow(TOPIC, newLane());
        get(follower.followed());

        Appended answer = stored(RecordingAppend.to(TOPIC)
                .from("ann")
                .withheldFrom("c-1")
                .message("1", "id-1")
                .message("2")
                .draft(new Draft(
                        new byte[] {0, -1},
                        null,
                        Details.ofBytes("a/b")
                                .withHeaders(Headers.of(Map.of("h", "v")))
                                .withKey("k")
                                .withOrigin("c-1")))
                .on(lane()));
        awaitHeard(follower, 3);

        List<Batch> batches = batches(follower);
        assertThat(batches).as("the messages of one append are one batch").hasSize(1);
        assertThat(batches.getFirst().epoch()).isEqualTo(answer.epoch());
        assertThat(batches.getFirst().messages()).isEqualTo(all(TOPIC));
    }

    @Test
    void aFollowerHearsOnlyItsTopic() {
        RecordingLane both = newLane();
        RecordingFollower first = follow(TOPIC, both);
        RecordingFollower second = follow(OTHER, both);
        get(first.followed());
        get(second.followed());

        store(TOPIC, "1");
        store(OTHER, "\"a\"");
        store(TOPIC, "2");
        store(OTHER, "\"b\"");
        awaitHeard(first, 2);
        awaitHeard(second, 2);

        assertThat(payloads(first.messages())).containsExactly("1", "2");
        assertThat(payloads(second.messages())).containsExactly("\"a\"", "\"b\"");
    }

    @Test
    void whatStoresNothingIsNotHeard() {
        RecordingFollower follower = follow(TOPIC, newLane());
        get(follower.followed());
        stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()));

        assertThat(stored(RecordingAppend.to(TOPIC).message("1", "id-1").on(lane()))
                        .repeated())
                .isTrue();
        assertThat(answerTo(RecordingAppend.to(TOPIC).message("2", "id-1").on(lane())))
                .isNotInstanceOf(Appended.class);
        assertThat(answerTo(RecordingAppend.to(TOPIC).message("2").expecting(1).on(lane())))
                .isInstanceOf(Conflict.class);
        store(TOPIC, "3");
        awaitHeard(follower, 2);

        assertThat(payloads(follower.messages())).containsExactly("1", "3");
        assertThat(batches(follower)).hasSize(2);
    }

    @Test
    void aTrimIsNotHeardAndWhatFollowsItIs() {
        RecordingFollower follower = follow(TOPIC, newLane());
        get(follower.followed());
        store(TOPIC, "1", "2");

        get(log().trim(TOPIC, Long.MAX_VALUE));
        store(TOPIC, "3");
        awaitHeard(follower, 3);

        assertUnbroken(follower.offsets(), 1, 3);
    }

    // ---- order on a lane

    @Test
    void theAnswerComesBeforeItsOwnBatch() {
        RecordingLane own = newLane();
        RecordingFollower follower = follow(TOPIC, own);
        get(follower.followed());

        for (int i = 1; i <= 20; i++) {
            stored(RecordingAppend.to(TOPIC).message(Integer.toString(i)).on(own));
        }
        awaitHeard(follower, 20);

        long answeredUpTo = 0;
        for (Heard what : own.heard()) {
            if (what instanceof Heard.Answered answered) {
                answeredUpTo = ((Appended) answered.result()).firstOffset();
            } else if (what instanceof Heard.Committed committed) {
                assertThat(committed.batch().nextOffset() - 1).isLessThanOrEqualTo(answeredUpTo);
            }
        }
        assertThat(answeredUpTo).isEqualTo(20);
    }

    @Test
    void whatAFollowerHearsCanBeRead() {
        ConcurrentLinkedQueue<CompletableFuture<Boolean>> checks = new ConcurrentLinkedQueue<>();
        RecordingLane own = newLane();
        CompletableFuture<Extent> followed = new CompletableFuture<>();
        var asking = new Follower() {
            @Override
            public void onFollowed(Extent extent) {
                followed.complete(extent);
            }

            @Override
            public void onCommitted(Batch batch) {
                checks.add(log().read(
                                TOPIC,
                                batch.firstOffset(),
                                Direction.FORWARD,
                                batch.messages().size(),
                                ANY_SIZE)
                        .thenApply(page -> page.messages().equals(batch.messages())
                                && page.extent().nextOffset() >= batch.nextOffset())
                        .toCompletableFuture());
            }

            @Override
            public void onSignal(byte[] signal) {}

            @Override
            public void onLost() {}
        };
        feed().follow(TOPIC, own, asking);
        get(followed);

        List<RecordingAppend> appends = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            RecordingAppend append = RecordingAppend.to(TOPIC).message("1").on(own);
            appends.add(append);
            submit(append);
        }
        appends.forEach(append -> get(append.answer()));
        // The lane takes this answer behind every batch before it.
        stored(RecordingAppend.to(OTHER).message("1").on(own));

        assertThat(checks).isNotEmpty();
        assertThat(checks).allMatch(LogContractFixture::get);
    }

    @Test
    void nothingIsToldButOnTheLane() {
        RecordingLane slow = RecordingLane.byHand("slow");
        RecordingFollower follower = follow(TOPIC, slow);
        RecordingAppend append = RecordingAppend.to(TOPIC).message("1").on(slow);
        awaitUntil("the follow is handed over", () -> slow.waiting() > 0);
        submit(append);
        store(TOPIC, "2");

        assertThat(slow.heard()).isEmpty();
        awaitUntil("all is handed over", () -> {
            slow.drain();
            return append.answer().isDone() && follower.offsets().size() == 2;
        });

        assertUnbroken(follower.offsets(), 1, 2);
        slow.close();
    }

    // ---- unfollowing

    @Test
    void aFollowerThatLeftHearsNoMore() {
        RecordingLane own = newLane();
        RecordingFollower follower = follow(TOPIC, own);
        get(follower.followed());
        stored(RecordingAppend.to(TOPIC).message("1").on(own));

        feed().unfollow(TOPIC, own, follower);
        // What is under way may still arrive; what is sent after an answer on the same lane was not.
        stored(RecordingAppend.to(TOPIC).message("2").on(own));
        stored(RecordingAppend.to(TOPIC).message("3").on(own));
        stored(RecordingAppend.to(TOPIC).message("4").on(own));

        assertThat(follower.offsets()).startsWith(1L).doesNotContain(3L, 4L);
    }

    @Test
    void twoLanesFollowApart() {
        RecordingLane first = newLane();
        RecordingLane second = newLane();
        RecordingFollower leaving = follow(TOPIC, first);
        RecordingFollower staying = follow(TOPIC, second);
        get(leaving.followed());
        get(staying.followed());
        store(TOPIC, "1");
        awaitHeard(leaving, 1);
        awaitHeard(staying, 1);

        feed().unfollow(TOPIC, first, leaving);
        stored(RecordingAppend.to(TOPIC).message("2").on(first));
        stored(RecordingAppend.to(TOPIC).message("3").on(first));
        awaitHeard(staying, 3);

        assertThat(leaving.offsets()).startsWith(1L).doesNotContain(3L);
        assertUnbroken(staying.offsets(), 1, 3);
    }

    @Test
    void aLaneMayFollowAgain() {
        RecordingLane own = newLane();
        RecordingFollower before = follow(TOPIC, own);
        get(before.followed());
        store(TOPIC, "1");
        awaitHeard(before, 1);
        feed().unfollow(TOPIC, own, before);

        RecordingFollower after = follow(TOPIC, own);
        long next = get(after.followed()).nextOffset();
        store(TOPIC, "2", "3");
        awaitHeard(after, 3);

        assertThat(next).isEqualTo(2);
        assertUnbroken(after.offsets(), 2, 3);
        assertThat(before.offsets()).doesNotContain(3L);
    }

    @Test
    void leavingATopicThatIsNotFollowedDoesNothing() {
        RecordingLane own = newLane();
        RecordingFollower follower = follow(TOPIC, own);
        get(follower.followed());

        feed().unfollow(OTHER, own, follower);
        feed().unfollow(TOPIC, own, new RecordingFollower(TOPIC, own));
        feed().unfollow(TOPIC, lane(), follower);
        store(TOPIC, "1");
        awaitHeard(follower, 1);

        assertUnbroken(follower.offsets(), 1, 1);
    }

    // ---- signals

    @Test
    void aSignalReachesAllFollowersAndIsNotInTheLog() {
        RecordingLane first = newLane();
        RecordingLane second = newLane();
        RecordingLane elsewhere = newLane();
        get(follow(TOPIC, first).followed());
        get(follow(TOPIC, second).followed());
        get(follow(OTHER, elsewhere).followed());
        store(TOPIC, "1");
        Extent before = extent(TOPIC);

        feed().signal(TOPIC, "typing".getBytes(StandardCharsets.UTF_8));

        for (RecordingLane lane : List.of(first, second)) {
            awaitUntil(
                    "the signal is heard",
                    () -> !lane.heard(Heard.Signalled.class).isEmpty());
            assertThat(lane.heard(Heard.Signalled.class))
                    .extracting(Heard.Signalled::signal)
                    .containsExactly("typing");
        }
        assertThat(extent(TOPIC)).isEqualTo(before);
        assertThat(payloads(all(TOPIC))).containsExactly("1");
        assertThat(elsewhere.heard(Heard.Signalled.class)).isEmpty();
    }

    @Test
    void aSignalToATopicThatDoesNotExistDoesNotMakeIt() {
        RecordingLane own = newLane();
        get(follow(TOPIC, own).followed());

        feed().signal(OTHER, "nobody".getBytes(StandardCharsets.UTF_8));
        feed().signal(TOPIC, "somebody".getBytes(StandardCharsets.UTF_8));

        awaitUntil(
                "the signal is heard", () -> !own.heard(Heard.Signalled.class).isEmpty());
        assertThat(topics()).isEmpty();
    }

    // ---- the end

    @Test
    void aFollowThatCannotBeServedIsAnsweredWithItsLoss() throws Exception {
        TopicFeed closed = feed();
        RecordingFollower follower = new RecordingFollower(TOPIC, newLane());

        engine().shutDown();
        closed.follow(TOPIC, follower.lane(), follower);

        get(follower.lost());
        assertThat(follower.followed()).isNotDone();
    }

    /// Else who follows again at once would never return.
    @Test
    void whoCannotBeServedIsToldOutOfTheCall() throws Exception {
        TopicFeed closed = feed();
        Thread caller = Thread.currentThread();
        CompletableFuture<Thread> told = new CompletableFuture<>();
        Follower follower = new Follower() {
            @Override
            public void onFollowed(Extent extent) {
                told.completeExceptionally(new AssertionError("followed"));
            }

            @Override
            public void onCommitted(Batch batch) {}

            @Override
            public void onSignal(byte[] signal) {}

            @Override
            public void onLost() {
                told.complete(Thread.currentThread());
            }
        };

        engine().shutDown();
        closed.follow(TOPIC, Lane.DIRECT, follower);

        assertThat(get(told)).isNotSameAs(caller);
    }

    @Test
    void aClosedFeedRefusesSignals() throws Exception {
        TopicFeed closed = feed();

        engine().shutDown();

        assertThat(closed.signal(TOPIC, new byte[10])).isEqualTo(Admission.REFUSED);
    }

    @Test
    void whatWaitsIsCountedInBytesUntilItIsAnswered() {
        RecordingFollower follower = follow(TOPIC, newLane());
        get(follower.followed());
        RecordingLane other = newLane();
        for (int i = 0; i < 100; i++) {
            feed().signal(TOPIC, new byte[8192]);
            feed().signal(OTHER, new byte[8192]);
            RecordingFollower gone = follow(OTHER, other);
            feed().unfollow(OTHER, gone.lane(), gone);
            feed().unfollow(TOPIC, gone.lane(), gone);
            submit(RecordingAppend.to(TOPIC).message("1", "id-" + i % 10).on(lane()));
            submit(RecordingAppend.to(TOPIC).message("1").expecting(1).on(lane()));
            log().trim(TOPIC, i);
        }

        awaitUntil("all is given back", () -> log().figures().queuedBytes() == 0);
    }

    @Test
    void aFloodOfSignalsIsRefusedBeforeItFillsTheMemory() {
        get(follow(OTHER, newLane()).followed());
        long highest = 0;

        // Nobody listens to this one, so that no lane keeps what it heard.
        for (int i = 0; i < 100_000; i++) {
            feed().signal(TOPIC, new byte[8192]);
            highest = Math.max(highest, log().figures().queuedBytes());
        }

        assertThat(highest).isLessThan(64 << 20);
        awaitUntil("all is given back", () -> log().figures().queuedBytes() == 0);
        store(TOPIC, "1");
    }

    @Test
    void aFollowerOfTheNextEpochHearsItsBatches() throws Exception {
        store(TOPIC, "1");
        long before = extent(TOPIC).epoch();
        engine().beginEpoch();

        RecordingFollower follower = follow(TOPIC, newLane());
        Extent extent = get(follower.followed());
        store(TOPIC, "2");
        awaitHeard(follower, 2);

        assertThat(extent.epoch()).isGreaterThan(before);
        assertThat(extent.nextOffset()).isEqualTo(2);
        assertThat(batches(follower)).extracting(Batch::epoch).containsExactly(extent.epoch());
    }

    @Test
    void closingLetsBatchesThatWereAnsweredBeHeardOrFollowersKnow() throws Exception {
        RecordingLane own = newLane();
        RecordingFollower follower = follow(TOPIC, own);
        get(follower.followed());
        List<RecordingAppend> appends = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            RecordingAppend append = RecordingAppend.to(TOPIC).message("1").on(own);
            appends.add(append);
            submit(append);
        }

        engine().shutDown();

        List<Long> stored = appends.stream()
                .map(append -> get(append.answer()))
                .flatMap(
                        answer -> answer instanceof Appended appended ? Stream.of(appended.firstOffset()) : Stream.of())
                .toList();
        awaitUntil(
                "everything answered is heard, or the loss is",
                () -> follower.lost().isDone() || follower.offsets().containsAll(stored));
        assertUnbroken(follower.offsets(), 1, follower.offsets().size());
    }

    // ----

    private TopicFeed feed() {
        return engine().feed();
    }

    /// Begins to follow.
    protected final RecordingFollower follow(TopicName topic, RecordingLane lane) {
        RecordingFollower follower = new RecordingFollower(topic, lane);
        feed().follow(topic, lane, follower);
        return follower;
    }

    /// Waits until the follower has heard the offset.
    protected static void awaitHeard(RecordingFollower follower, long offset) {
        awaitUntil("offset " + offset + " is heard", () -> {
            List<Message> messages = follower.messages();
            return !messages.isEmpty() && messages.getLast().offset() >= offset;
        });
    }

    private static List<Batch> batches(RecordingFollower follower) {
        return follower.lane().heard(Heard.Committed.class).stream()
                .filter(committed -> committed.follower() == follower)
                .map(Heard.Committed::batch)
                .toList();
    }
}
