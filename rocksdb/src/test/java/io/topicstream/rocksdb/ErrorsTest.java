package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.AppendResult.Unavailable;
import io.topicstream.log.Batch;
import io.topicstream.log.Lane;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.ManualClock;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// An `Error` on one of the engine's threads: what was waiting is answered, and the engine goes on.
@Timeout(60)
class ErrorsTest {
    private static final TopicName TOPIC = new TopicName("room:1");

    @TempDir
    private Path directory;

    private final FaultyCalls disk = new FaultyCalls();
    private final FailingClock clock = new FailingClock();
    private RocksLog log;

    static Stream<Error> errors() {
        return Stream.of(
                new OutOfMemoryError("planted"),
                new StackOverflowError(),
                new NoClassDefFoundError("planted"),
                new AssertionError("planted"));
    }

    @BeforeEach
    void open() throws Exception {
        log = RocksLog.open(directory, StoreUnderTest.small().withClock(clock), disk, false);
        assertThat(publish("1")).isInstanceOf(Appended.class);
    }

    @AfterEach
    void close() {
        log.close();
        assertThat(log.openHandles()).isZero();
    }

    @ParameterizedTest
    @MethodSource("errors")
    void inAWrite(Error error) throws Exception {
        disk.writeError.set(error);

        assertThat(publish("2")).isInstanceOf(Unavailable.class);

        assertItGoesOn(2);
    }

    @ParameterizedTest
    @MethodSource("errors")
    void inASync(Error error) throws Exception {
        disk.syncError.set(error);

        assertThat(publish("2")).isInstanceOf(Unavailable.class);

        assertItGoesOn(3);
    }

    @ParameterizedTest
    @MethodSource("errors")
    void inAChangeOfAStateRecord(Error error) throws Exception {
        disk.writeError.set(error);

        var put = log.state().put("p", "k", new byte[1], StateStore.ABSENT, StateStore.NEVER);

        assertThatThrownBy(() -> put.toCompletableFuture().get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .hasCauseInstanceOf(LogUnavailableException.class);
        assertItGoesOn(2);
    }

    @ParameterizedTest
    @MethodSource("errors")
    void inATurnOfTheWriter(Error error) throws Exception {
        clock.error.set(error);
        // Nothing reaches the store before the turn has failed, and so the first that is stored is the second.
        AppendResult result = publish("2");

        assertThat(result).isInstanceOfAny(Unavailable.class, Appended.class);
        assertItGoesOn(result instanceof Appended ? 3 : 2);
    }

    @ParameterizedTest
    @MethodSource("errors")
    void inALane(Error error) throws Exception {
        Publish unheard = new Publish(TOPIC.value(), "2", null, Append.ANY_OFFSET, handOver -> {
            throw error;
        });
        HeardFollower follower = new HeardFollower();
        log.follow(TOPIC, Lane.DIRECT, follower);

        assertThat(log.append(unheard)).isNotEqualTo(Admission.REFUSED);

        await().until(() -> follower.heard.contains("2: 2"));
        assertItGoesOn(3);
    }

    @ParameterizedTest
    @MethodSource("errors")
    void inAFollowerOnTheEnginesOwnThread(Error error) throws Exception {
        HeardFollower failing = new HeardFollower() {
            @Override
            public void onCommitted(Batch batch) {
                throw error;
            }
        };
        Lane other = handOver -> handOver.run();
        HeardFollower follower = new HeardFollower();
        log.follow(TOPIC, Lane.DIRECT, failing);
        log.follow(TOPIC, other, follower);

        assertThat(publish("2")).isInstanceOf(Appended.class);

        await().until(() -> follower.heard.contains("2: 2"));
        assertItGoesOn(3);
    }

    /// What cannot be is met when the answer of the message is told, and before those of the records.
    @Test
    void inTheMiddleOfARound() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        disk.syncGate = gate;
        int synced = disk.synced.size();
        log.append(Publish.to("room:2", "1"));
        await().until(() -> disk.synced.size() > synced);
        log.life().entries.get(TOPIC.value()).durableNext = 100;
        Publish message = Publish.to(TOPIC.value(), "2");
        log.append(message);
        List<CompletableFuture<Long>> puts = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            puts.add(log.state()
                    .put("p", "k" + i, new byte[1], StateStore.ANY_VERSION, StateStore.NEVER)
                    .toCompletableFuture());
        }

        gate.countDown();

        assertThat(message.await()).isInstanceOfAny(Unavailable.class, Appended.class);
        for (CompletableFuture<Long> put : puts) {
            put.handle((version, failure) -> "answered").get(30, TimeUnit.SECONDS);
        }
        assertItGoesOn(3);
    }

    @ParameterizedTest
    @MethodSource("errors")
    void inWhatWaitsForAStage(Error error) throws Exception {
        CompletableFuture<Long> put = log.state()
                .put("p", "k", new byte[1], StateStore.ABSENT, StateStore.NEVER)
                .toCompletableFuture();
        CompletableFuture<Object> failed = put.thenApply(version -> {
            throw error;
        });

        assertThatThrownBy(failed::get).hasCause(error);
        assertThat(log.state().get("p", "k").toCompletableFuture().get(30, TimeUnit.SECONDS))
                .isNotNull();
        assertItGoesOn(2);
    }

    @ParameterizedTest
    @MethodSource("errors")
    void inARead(Error error, @TempDir Path other) throws Exception {
        Lives lives = new Lives(other, StoreUnderTest.small(), new NativeHandles(), false);
        try (ExecutorService reader = Executors.newSingleThreadExecutor()) {
            CompletableFuture<Long> failed = lives.read(reader, "a topic", life -> {
                throw error;
            });

            assertThatThrownBy(() -> failed.get(30, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(LogUnavailableException.class)
                    .hasRootCause(error);
            assertThat(lives.read(reader, "a topic", Life::epoch).get(30, TimeUnit.SECONDS))
                    .isPositive();
        } finally {
            lives.close();
        }
    }

    private void assertItGoesOn(long nextOffset) {
        Appended next = (Appended) await().until(() -> publish("3"), Appended.class::isInstance);
        assertThat(next.firstOffset()).isEqualTo(nextOffset);
        await().untilAsserted(() -> assertThat(log.figures().queuedBytes()).isZero());
        assertThat(log.figures().takesWrites()).isTrue();
    }

    private AppendResult publish(String json) throws Exception {
        Publish publish = Publish.to(TOPIC.value(), json);
        assertThat(log.append(publish)).isNotEqualTo(Admission.REFUSED);
        return publish.await();
    }

    /// A clock that throws once when it is told to.
    private static final class FailingClock implements InstantSource {
        private final ManualClock clock = new ManualClock();
        final AtomicReference<@Nullable Error> error = new AtomicReference<>();

        @Override
        public Instant instant() {
            Error planted = error.getAndSet(null);
            if (planted != null) {
                throw planted;
            }
            return clock.instant();
        }
    }
}
