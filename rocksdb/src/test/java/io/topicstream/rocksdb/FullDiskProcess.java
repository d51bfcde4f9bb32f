package io.topicstream.rocksdb;

import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.AppendResult.Unavailable;
import io.topicstream.log.Direction;
import io.topicstream.log.Page;
import io.topicstream.log.TopicName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/// Fills the disk beside a store, and frees it again; says what it saw. See [FullDiskTest].
final class FullDiskProcess {
    private static final TopicName TOPIC = new TopicName("room:1");
    private static final String PAYLOAD = "\"" + "x".repeat(10_000) + "\"";

    private FullDiskProcess() {}

    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        Path ballast = directory.resolve("ballast");
        long stored = 0;
        try (RocksLog log = RocksLog.open(directory.resolve("store"), StoreUnderTest.small())) {
            for (int i = 0; i < 20; i++) {
                require(publish(log) instanceof Appended);
                stored++;
            }
            fill(ballast);
            AppendResult result = publish(log);
            for (int i = 0; i < 3000 && result instanceof Appended; i++) {
                stored++;
                result = publish(log);
            }
            require(result instanceof Unavailable);
            System.out.println("full: refused");
            for (int i = 0; i < 20; i++) {
                require(publish(log) instanceof Unavailable);
                Page page = log.read(TOPIC, 1, Direction.FORWARD, 5, 1 << 20)
                        .toCompletableFuture()
                        .get();
                require(page.messages().size() == 5);
            }
            System.out.println("full: read");
            Files.delete(ballast);
            long until = System.nanoTime() + 30_000_000_000L;
            result = publish(log);
            while (!(result instanceof Appended) && System.nanoTime() < until) {
                LockSupport.parkNanos(10_000_000);
                result = publish(log);
            }
            require(result instanceof Appended appended && appended.firstOffset() > stored);
            System.out.println("full: healed");
            long next = 1;
            while (next <= stored) {
                Page page = log.read(TOPIC, next, Direction.FORWARD, 100, 1 << 20)
                        .toCompletableFuture()
                        .get();
                require(!page.messages().isEmpty() && page.messages().getFirst().offset() == next);
                next = page.messages().getLast().offset() + 1;
            }
            System.out.println("full: all there");
        }
    }

    private static void fill(Path ballast) throws Exception {
        byte[] block = new byte[64 * 1024];
        try (var out = Files.newOutputStream(ballast)) {
            while (true) {
                out.write(block);
            }
        } catch (java.io.IOException e) {
            System.out.println("the disk is full: " + e.getMessage());
        }
    }

    private static AppendResult publish(RocksLog log) throws Exception {
        Publish publish = Publish.to(TOPIC.value(), PAYLOAD);
        log.append(publish);
        return publish.await();
    }

    private static void require(boolean holds) {
        if (!holds) {
            throw new AssertionError();
        }
    }
}
