package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Batch;
import io.topicstream.log.Draft;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicName;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;

/// The process that [CrashTest] kills: publishes from four threads and advances numbers from one, and says each
/// acknowledgement and each message that a follower saw, a line with one system call.
final class CrashedProcess {
    static final int TOPICS = 5;
    static final int NUMBERS = 3;
    private static final int NUMBERS_A_ROUND = 100_000_000;

    @SuppressWarnings("resource") // the process ends by being killed
    private static final FileOutputStream OUT = new FileOutputStream(FileDescriptor.out);

    private CrashedProcess() {}

    public static void main(String[] args) throws Exception {
        Durability durability = Durability.valueOf(args[1].toUpperCase(Locale.ROOT));
        RocksLog log = RocksLog.open(Path.of(args[0]), StoreUnderTest.small().withDurability(durability));
        for (int i = 0; i < TOPICS; i++) {
            log.follow(new TopicName("room:" + i), Lane.DIRECT, new Said(i));
        }
        for (int publisher = 0; publisher < 4; publisher++) {
            String prefix = "r" + args[2] + "-p" + publisher + "-";
            int first = publisher;
            Thread.ofPlatform().start(() -> publish(log, prefix, first));
        }
        long firstNumber = (long) Integer.parseInt(args[2]) * NUMBERS_A_ROUND;
        Thread.ofPlatform().start(() -> advance(log, firstNumber));
    }

    private static void advance(RocksLog log, long first) {
        Semaphore window = new Semaphore(16);
        for (long number = first; ; number++) {
            window.acquireUninterruptibly();
            String key = "number-" + number % NUMBERS;
            var _ = log.state().advance("p", key, number).whenComplete((now, failure) -> {
                if (failure == null) {
                    say("advanced " + key + " " + now);
                }
                window.release();
            });
        }
    }

    private static void publish(RocksLog log, String prefix, int first) {
        Semaphore window = new Semaphore(16);
        for (int i = 0; ; i++) {
            window.acquireUninterruptibly();
            String id = prefix + i;
            byte[] payload = ("\"" + id + "-whole\"").getBytes(StandardCharsets.UTF_8);
            log.append(
                    new Append(
                            new TopicName("room:" + (first + i) % TOPICS),
                            List.of(new Draft(payload, id, null)),
                            "ann",
                            "u:ann",
                            Append.ANY_OFFSET,
                            Lane.DIRECT) {
                        @Override
                        public void onAnswered(AppendResult result) {
                            if (result instanceof AppendResult.Appended appended) {
                                say("acked", topic(), appended.epoch(), appended.firstOffset(), payload);
                            }
                            window.release();
                        }
                    });
        }
    }

    private static void say(String what, TopicName topic, long epoch, long offset, byte[] payload) {
        say(what + " " + topic + " " + epoch + " " + offset + " " + new String(payload, StandardCharsets.UTF_8));
    }

    private static void say(String line) {
        try {
            OUT.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Said(int topic) implements Follower {
        @Override
        public void onFollowed(Extent extent) {
            // What comes is said.
        }

        @Override
        public void onCommitted(Batch batch) {
            batch.messages()
                    .forEach(message -> say(
                            "seen",
                            new TopicName("room:" + topic),
                            batch.epoch(),
                            message.offset(),
                            message.payload()));
        }

        @Override
        public void onSignal(byte[] signal) {
            throw new AssertionError("nobody signals");
        }

        @Override
        public void onLost() {
            throw new AssertionError("nothing fails");
        }
    }
}
