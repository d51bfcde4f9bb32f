package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Direction;
import io.topicstream.log.Durability;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateNumber;
import io.topicstream.state.StateRecord;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Kills a process in the middle of its work, again and again, and compares what it said with what is there.
///
/// What was said is kept here, outside the store. And because a check that cannot fail proves nothing, one test
/// runs the same rounds with the write-ahead log off, and wants them to fail.
@Timeout(300)
class CrashTest {
    private static final int ROUNDS = 10;

    @TempDir
    private Path directory;

    @Test
    void whatWasAcknowledgedOrSeenSurvivesAKillAtAnyMoment() throws Exception {
        long seed = Long.getLong("topicstream.seed", System.nanoTime());
        Random random = new Random(seed);
        Oracle oracle = new Oracle("seed " + seed);
        for (int round = 0; round < ROUNDS; round++) {
            oracle.note(runAndKill(Durability.DISK, round, random));
            try (RocksLog log = RocksLog.open(directory, StoreUnderTest.small())) {
                oracle.checkAgainst(log);
            }
        }
        assertThat(oracle.violations).isEmpty();
        assertThat(oracle.acked.size())
                .as("acknowledged messages, seed " + seed)
                .isGreaterThan(100);
        assertThat(oracle.seen).as("seen messages, seed " + seed).isGreaterThan(100);
        assertThat(oracle.advanced.keySet()).hasSize(CrashedProcess.NUMBERS);
    }

    @Test
    void withoutTheWriteAheadLogTheSameRoundsFindTheLoss() throws Exception {
        Oracle oracle = new Oracle("without the write-ahead log");
        Random random = new Random(1);
        for (int round = 0; round < ROUNDS && oracle.violations.isEmpty(); round++) {
            oracle.note(runAndKill(Durability.MEMORY, round, random));
            try (RocksLog log = RocksLog.open(directory, StoreUnderTest.small())) {
                oracle.checkAgainst(log);
            }
        }
        assertThat(oracle.violations).isNotEmpty();
    }

    /// Runs [CrashedProcess] until some time after its first acknowledgement, and kills it.
    private List<String> runAndKill(Durability durability, int round, Random random) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        CrashedProcess.class.getName(),
                        directory.toString(),
                        durability.wireName(),
                        Integer.toString(round))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> lines = new ArrayList<>();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            StringBuilder line = new StringBuilder();
            int next;
            while ((next = out.read()) >= 0) {
                if (next == '\n') {
                    if (lines.isEmpty()) {
                        CompletableFuture.delayedExecutor(20 + random.nextInt(400), TimeUnit.MILLISECONDS)
                                .execute(process.toHandle()::destroyForcibly);
                    }
                    lines.add(line.toString());
                    line.setLength(0);
                } else {
                    line.append((char) next);
                }
            }
            // A line without an end was cut by the kill: nobody was told.
        }
        assertThat(process.waitFor()).as("killed").isEqualTo(137);
        return lines;
    }

    /// What was said, over all rounds.
    private static final class Oracle {
        final String name;
        final Map<String, String> byPlace = new HashMap<>();
        final Map<String, String> acked = new HashMap<>();
        final Map<String, Long> advanced = new HashMap<>();
        final List<String> violations = new ArrayList<>();
        int seen;

        Oracle(String name) {
            this.name = name;
        }

        void note(List<String> lines) {
            for (String line : lines) {
                String[] words = line.split(" ", -1);
                if (words[0].equals("advanced")) {
                    advanced.merge(words[1], Long.parseLong(words[2]), Math::max);
                    continue;
                }
                String place = words[1] + " " + words[2] + " " + words[3];
                String payload = words[4];
                switch (words[0]) {
                    case "acked" -> acked.put(payload, place);
                    case "seen" -> seen++;
                    default -> throw new AssertionError(line);
                }
                place(place, payload, "said twice");
            }
        }

        private void place(String place, String payload, String what) {
            String before = byPlace.putIfAbsent(place, payload);
            if (before != null && !before.equals(payload)) {
                violations.add(name + ": " + place + " " + what + ": " + before + " and " + payload);
            }
        }

        void checkAgainst(RocksLog log) throws Exception {
            for (Map.Entry<String, Long> each : advanced.entrySet()) {
                StateRecord record = log.state()
                        .get("p", each.getKey())
                        .toCompletableFuture()
                        .get();
                long number = record == null ? StateNumber.NONE : StateNumber.of(record.value());
                if (number < each.getValue()) {
                    violations.add(name + ": " + each + " is " + number);
                }
            }
            Map<String, String> found = new HashMap<>();
            Set<String> payloads = new HashSet<>();
            for (int i = 0; i < CrashedProcess.TOPICS; i++) {
                TopicName topic = new TopicName("room:" + i);
                long next = 1;
                while (true) {
                    Page page = log.read(topic, next, Direction.FORWARD, 1000, 1 << 20)
                            .toCompletableFuture()
                            .get();
                    if (page.messages().isEmpty()) {
                        break;
                    }
                    for (Message message : page.messages()) {
                        String payload = new String(message.payload(), StandardCharsets.UTF_8);
                        if (message.offset() != next++) {
                            violations.add(name + ": " + topic + " has a hole before " + message.offset());
                        }
                        if (!payloads.add(payload)) {
                            violations.add(name + ": " + payload + " is there twice");
                        }
                        if (!payload.endsWith("-whole\"")) {
                            violations.add(name + ": " + payload + " is not whole");
                        }
                        found.put(topic + " " + message.offset(), payload);
                    }
                }
            }
            byPlace.forEach((place, payload) -> {
                String[] words = place.split(" ", -1);
                String there = found.get(words[0] + " " + words[2]);
                if (!payload.equals(there)) {
                    violations.add(name + ": " + place + " was " + payload + " and is " + there);
                }
            });
            // A retry of what was acknowledged is answered with its place.
            int retries = 0;
            for (Map.Entry<String, String> each : acked.entrySet()) {
                if (retries++ == 20) {
                    break;
                }
                String[] words = each.getValue().split(" ", -1);
                String id = each.getKey().substring(1, each.getKey().indexOf("-whole"));
                Publish retry = new Publish(words[0], each.getKey(), id, -1);
                log.append(retry);
                if (!(retry.await() instanceof Appended again)
                        || !again.repeated()
                        || again.firstOffset() != Long.parseLong(words[2])) {
                    violations.add(name + ": the retry of " + each + " was answered with " + retry.await());
                }
            }
        }
    }
}
