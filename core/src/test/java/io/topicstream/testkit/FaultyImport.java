package io.topicstream.testkit;

import io.topicstream.log.TopicName;
import io.topicstream.migration.CopiedBatch;
import io.topicstream.migration.CopiedRecord;
import io.topicstream.migration.KnownId;
import io.topicstream.migration.StoreExport;
import io.topicstream.migration.StoreImport;
import io.topicstream.migration.TopicStand;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/// A store that is filled, and something goes wrong.
final class FaultyImport implements StoreImport {
    private final StoreImport under;
    private final Runnable step;
    private final BiFunction<TopicName, CopiedBatch, CopiedBatch> change;

    private FaultyImport(StoreImport under, Runnable step, BiFunction<TopicName, CopiedBatch, CopiedBatch> change) {
        this.under = under;
        this.step = step;
        this.change = change;
    }

    /// One that fails after so many steps, as if the process had been killed.
    static StoreImport cutOff(StoreImport under, int steps) {
        AtomicInteger left = new AtomicInteger(steps);
        return new FaultyImport(
                under,
                () -> {
                    if (left.getAndDecrement() <= 0) {
                        throw new IllegalStateException("cut off");
                    }
                },
                (_, batch) -> batch);
    }

    /// One that writes something else.
    static StoreImport forged(StoreImport under, BiFunction<TopicName, CopiedBatch, CopiedBatch> change) {
        return new FaultyImport(under, () -> {}, change);
    }

    @Override
    public Run begin(String fingerprint, long sourceEpoch, long nowMs) {
        return under.begin(fingerprint, sourceEpoch, nowMs);
    }

    @Override
    public TopicImport topic(TopicStand topic) {
        step.run();
        TopicImport into = under.topic(topic);
        return new TopicImport() {
            @Override
            public long next() {
                return into.next();
            }

            @Override
            public void putEnded(KnownId id) {
                step.run();
                into.putEnded(id);
            }

            @Override
            public void put(CopiedBatch batch) {
                step.run();
                into.put(change.apply(topic.topic(), batch));
            }

            @Override
            public void end() {
                step.run();
                into.end();
                step.run();
            }
        };
    }

    @Override
    public void finishedUpTo(TopicStand topic) {
        step.run();
        under.finishedUpTo(topic);
        step.run();
    }

    @Override
    public void put(List<CopiedRecord> records) {
        step.run();
        under.put(records);
        step.run();
    }

    @Override
    public StoreExport written() {
        step.run();
        return under.written();
    }

    @Override
    public void finish(long versions) {
        step.run();
        under.finish(versions);
    }

    @Override
    public void close() {
        under.close();
    }
}
