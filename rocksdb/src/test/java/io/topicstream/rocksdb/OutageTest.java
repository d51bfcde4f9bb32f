package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.Admission;
import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.AppendResult.Unavailable;
import io.topicstream.log.Direction;
import io.topicstream.log.Lane;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// While the disk is full nothing can be written, and everything else goes on; each request is answered once.
@Timeout(60)
class OutageTest {
    private static final TopicName TOPIC = new TopicName("room:1");
    private static final TopicName COLD = new TopicName("room:cold");

    @TempDir
    private Path directory;

    private final FaultyCalls disk = new FaultyCalls();
    private RocksLog log;

    @BeforeEach
    void fillTheDisk() throws Exception {
        try (RocksLog before = RocksLog.open(directory, StoreUnderTest.small())) {
            Publish publish = Publish.to(COLD.value(), "0");
            before.append(publish);
            publish.await();
        }
        log = RocksLog.open(directory, StoreUnderTest.small(), disk, false);
        assertThat(publish("1")).isInstanceOf(Appended.class);
        answer(log.state().put("p", "k", new byte[] {7}, StateStore.ANY_VERSION, StateStore.NEVER));
        disk.isFull = true;
        assertThat(publish("2")).isEqualTo(new Unavailable("no space is left on the disk"));
    }

    @AfterEach
    void close() {
        log.close();
        assertThat(log.openHandles()).isZero();
    }

    @Test
    void whoeverFollowsIsAnsweredAndHearsSignals() {
        HeardFollower warm = new HeardFollower();
        HeardFollower cold = new HeardFollower();

        log.follow(TOPIC, Lane.DIRECT, warm);
        log.follow(COLD, Lane.DIRECT, cold);
        await().until(() -> warm.heard.contains("followed 2") && cold.heard.contains("followed 2"));
        log.signal(COLD, "typing".getBytes(StandardCharsets.UTF_8));
        await().until(() -> cold.heard.contains("signal typing"));
        log.unfollow(COLD, Lane.DIRECT, cold);
        log.signal(COLD, "more".getBytes(StandardCharsets.UTF_8));
        log.signal(TOPIC, "last".getBytes(StandardCharsets.UTF_8));
        await().until(() -> warm.heard.contains("signal last"));

        assertThat(warm.heard).containsExactly("followed 2", "signal last");
        assertThat(cold.heard).containsExactly("followed 2", "signal typing");
    }

    @Test
    void whoFollowedMeanwhileIsToldOfALossWhenTheStoreIsWrittenAgainAndMissesNothing() throws Exception {
        HeardFollower follower = new HeardFollower();
        log.follow(TOPIC, Lane.DIRECT, follower);
        await().until(() -> follower.heard.contains("followed 2"));

        disk.isFull = false;

        await().until(() -> follower.heard.contains("lost"));
        assertThat(publish("3")).isInstanceOf(Appended.class);
        log.follow(TOPIC, Lane.DIRECT, follower);
        await().until(() -> follower.heard.contains("followed 3"));
        assertThat(publish("4")).isInstanceOf(Appended.class);
        await().until(() -> follower.heard.contains("3: 4"));
        assertThat(follower.heard).containsExactly("followed 2", "lost", "followed 3", "3: 4");
    }

    @Test
    void everythingThatIsReadIsAnswered() throws Exception {
        assertThat(answer(log.read(TOPIC, 1, Direction.FORWARD, 10, 1000)).messages())
                .hasSize(1);
        assertThat(answer(log.read(COLD, 1, Direction.BACKWARD, 10, 1000)).messages())
                .hasSize(1);
        assertThat(answer(log.extent(COLD)).nextOffset()).isEqualTo(2);
        assertThat(answer(log.offsetAt(TOPIC, 0))).isEqualTo(1);
        assertThat(answer(log.lastOffsetIn(TOPIC, Long.MAX_VALUE))).isEqualTo(1);
        assertThat(answer(log.topics("", "", 10))).hasSize(2);
        assertThat(answer(log.state().get("p", "k"))).isNotNull();
        assertThat(answer(log.state().get("p", "none"))).isNull();
        assertThat(answer(log.state().scan("p", "", "", 10)).records())
                .extracting(StateRecord::key)
                .containsExactly("k");
    }

    @Test
    void everythingThatWritesIsRefusedOnce() throws Exception {
        assertThat(publish("3")).isInstanceOf(Unavailable.class);
        assertUnavailable(log.state().put("p", "k", new byte[1], StateStore.ANY_VERSION, StateStore.NEVER));
        assertUnavailable(log.state().put("p", "new", new byte[1], StateStore.ABSENT, StateStore.NEVER));
        assertUnavailable(log.state().delete("p", "k", StateStore.ANY_VERSION));
        assertUnavailable(log.trim(TOPIC, 2));
        assertThat(answer(log.state().get("p", "k")).value()).containsExactly(7);
    }

    @Test
    void theFiguresSayThatItTakesNoWritesAndThenThatItDoesAgain() {
        assertThat(log.figures().takesWrites()).isFalse();

        disk.isFull = false;

        await().until(() -> log.figures().takesWrites());
        assertThat(log.figures().queuedBytes()).isZero();
    }

    @Test
    void nothingIsHeldWhenAllIsAnswered() throws Exception {
        for (int i = 0; i < 100; i++) {
            log.follow(new TopicName("room:" + i), Lane.DIRECT, new HeardFollower());
            log.signal(TOPIC, new byte[100]);
            log.unfollow(TOPIC, Lane.DIRECT, new HeardFollower());
            assertThat(publish("3")).isInstanceOf(Unavailable.class);
        }

        await().untilAsserted(() -> assertThat(log.figures().queuedBytes()).isZero());
    }

    @Test
    void itEndsWhileTheDiskIsFullAndAnswersEverybodyOnceAndFinally() throws Exception {
        List<Publish> publishes = new ArrayList<>();
        List<CompletionStage<?>> stages = new ArrayList<>();
        List<HeardFollower> followers = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Publish publish = Publish.to("room:" + i, "1");
            assertThat(log.append(publish)).isNotEqualTo(Admission.REFUSED);
            publishes.add(publish);
            stages.add(log.state().put("p", "k" + i, new byte[1], StateStore.ABSENT, StateStore.NEVER));
            HeardFollower follower = new HeardFollower();
            followers.add(follower);
            log.follow(new TopicName("room:" + i), Lane.DIRECT, follower);
        }

        log.close();

        for (Publish publish : publishes) {
            assertThat(publish.await()).isInstanceOf(Unavailable.class);
        }
        for (CompletionStage<?> stage : stages) {
            assertUnavailable(stage);
        }
        for (HeardFollower follower : followers) {
            assertThat(follower.heard).hasSize(1);
        }
    }

    /// As a follower that knows nothing of stopping does.
    @Test
    void aFollowerThatFollowsAgainAtOnceDoesNotKeepItFromEnding() {
        AtomicReference<@Nullable Thread> caller = new AtomicReference<>();
        HeardFollower stubborn = new HeardFollower() {
            @Override
            public void onLost() {
                super.onLost();
                assertThat(Thread.currentThread())
                        .as("told out of its own call")
                        .isNotSameAs(caller.get());
                if (heard.size() < 10_000) {
                    log.follow(TOPIC, Lane.DIRECT, this);
                }
            }
        };
        log.follow(TOPIC, Lane.DIRECT, stubborn);
        await().until(() -> stubborn.heard.contains("followed 2"));

        log.close();
        caller.set(Thread.currentThread());
        log.follow(TOPIC, Lane.DIRECT, stubborn);

        await().until(() -> stubborn.heard.size() == 10_000);
    }

    @Test
    void whatATrimLeftIsDeletedInTheNextLife() throws Exception {
        disk.isFull = false;
        await().until(() -> log.figures().takesWrites());
        for (int i = 0; i < 20; i++) {
            assertThat(publish("1")).isInstanceOf(Appended.class);
        }
        assertThat(log.countRows("log").get()).isEqualTo(22);
        // The trim itself is stored; the deletion behind it is not.
        disk.writesToFailAfter.set(2);

        answer(log.trim(TOPIC, 15));

        await().untilAsserted(() -> assertThat(log.countRows("log").get()).isEqualTo(8));
        assertThat(disk.writesToFailAfter).hasValue(0);
        assertThat(answer(log.read(TOPIC, 1, Direction.FORWARD, 100, 10_000)).messages())
                .hasSize(7);
    }

    private AppendResult publish(String json) throws Exception {
        Publish publish = Publish.to(TOPIC.value(), json);
        assertThat(log.append(publish)).isNotEqualTo(Admission.REFUSED);
        return publish.await();
    }

    private static <T> T answer(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static void assertUnavailable(CompletionStage<?> stage) {
        assertThatThrownBy(() -> answer(stage))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(LogUnavailableException.class);
    }
}
