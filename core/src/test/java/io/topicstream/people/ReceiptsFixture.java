package io.topicstream.people;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.TopicName;
import io.topicstream.signal.Signal;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.FixedPresence;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.SteppedExecutor;
import io.topicstream.testkit.TestPeople;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Receipts over a log and a store in memory that are stepped by hand; the store counts what it is asked to advance,
/// and fails while it is told to.
final class ReceiptsFixture {
    final ManualClock clock = new ManualClock();
    final SteppedExecutor executor;
    final InMemoryLog log;
    final FixedPresence presence = new FixedPresence();
    /// What audiences were told: topic, user, delivered, read.
    final List<String> told = new ArrayList<>();

    final Receipts receipts;
    int advances;
    boolean isBroken;
    private final InMemoryStateStore state;

    ReceiptsFixture() {
        this(null);
    }

    /// @param random draws the order in which tasks run
    ReceiptsFixture(@Nullable RandomGenerator random) {
        executor = new SteppedExecutor(clock, random);
        log = new InMemoryLog(clock, executor, 7);
        state = new InMemoryStateStore(clock, executor);
        receipts = node();
    }

    /// Receipts of another node over the same store.
    Receipts node() {
        return new Receipts(new Counted(), log, this::signal, presence, TestPeople.policies());
    }

    private Admission signal(TopicName topic, byte[] signal) {
        if (Signal.decode(signal) instanceof Signal.Receipt(String user, long delivered, long read)) {
            told.add(topic + " " + user + " " + delivered + " " + read);
        }
        return Admission.ACCEPTED;
    }

    /// Publishes so many messages.
    void publish(TopicName topic, int count) {
        for (int i = 0; i < count; i++) {
            log.append(
                    new Append(
                            topic,
                            List.of(new Draft(new byte[] {'1'}, null, null)),
                            null,
                            "",
                            Append.ANY_OFFSET,
                            Lane.DIRECT) {
                        @Override
                        public void onAnswered(AppendResult result) {}
                    });
        }
        executor.runAll();
    }

    /// How far the user has come, as it is stored.
    Progress stored(String user, TopicName topic) {
        CompletionStage<Progress> found = receipts.find(user, topic);
        executor.runAll();
        return found.toCompletableFuture().join();
    }

    /// What the stage answers when all has run that can.
    <T> T answer(CompletionStage<T> stage) {
        executor.runAll();
        return stage.toCompletableFuture().join();
    }

    private final class Counted implements StateStore {
        @Override
        public CompletionStage<@Nullable StateRecord> get(String partition, String key) {
            return state.get(partition, key);
        }

        @Override
        public CompletionStage<Long> put(String partition, String key, byte[] value, long ifVersion, long expiresAtMs) {
            return state.put(partition, key, value, ifVersion, expiresAtMs);
        }

        @Override
        public CompletionStage<Boolean> delete(String partition, String key, long ifVersion) {
            return state.delete(partition, key, ifVersion);
        }

        @Override
        public CompletionStage<Long> advance(String partition, String key, long number) {
            advances++;
            return isBroken
                    ? CompletableFuture.failedFuture(new LogUnavailableException("broken"))
                    : state.advance(partition, key, number);
        }

        @Override
        public CompletionStage<StatePage> scan(String partition, String prefix, String after, int limit) {
            return state.scan(partition, prefix, after, limit);
        }
    }
}
