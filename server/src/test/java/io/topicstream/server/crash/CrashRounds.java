package io.topicstream.server.crash;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.testkit.EvidenceCollector;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A server that is started on one directory, loaded, killed at a random instant, and started again.
final class CrashRounds implements AutoCloseable {
    static final List<String> TOPICS = List.of("crash.a", "crash.b", "crash.c");

    private static final int EARLIEST_KILL_MS = 20;
    private static final int LATEST_KILL_MS = 2000;
    /// Of what was read before, a read between two rounds looks at so much again.
    private static final int READ_AGAIN = 500;

    private final Path directory;
    private final Random random;
    private final EvidenceCollector evidence;
    private final String[] settings;
    private final Oracle oracle;
    private final Load load;
    private final Map<String, Long> nextOffsets = new LinkedHashMap<>();
    private int round;
    private final List<Long> startsMs = new ArrayList<>();

    /// @param seed of the instants of the kills, and of what is sent again
    /// @param settings of the server, beside those of [ServerProcess]
    CrashRounds(Path directory, long seed, EvidenceCollector evidence, String... settings) throws IOException {
        this.directory = directory;
        this.random = new Random(seed);
        this.evidence = evidence;
        this.settings = settings;
        this.oracle = new Oracle(directory);
        this.load = new Load(oracle, TOPICS);
        evidence.note("seed " + seed);
        evidence.keep(directory);
        evidence.keep(
                "complaints.txt", () -> String.join("\n", oracle.complaints()).getBytes(UTF_8));
    }

    Oracle oracle() {
        return oracle;
    }

    /// How long the server took, life by life, from the start of its process until it listened.
    List<Long> startsMs() {
        return startsMs;
    }

    ServerProcess start() throws IOException {
        ServerProcess server = ServerProcess.start(directory, List.of(), settings);
        startsMs.add(server.startMs());
        return server;
    }

    /// One life of the server: what the last one left is read and sent again, everybody comes back, everybody
    /// publishes, and the server is killed.
    void runAndKill() throws Exception {
        String name = "r" + round + ".";
        try (ServerProcess server = start()) {
            List<URI> servers = List.of(server.uri());
            if (round == 0) {
                load.prepare(server.uri(), server::createKey);
            } else {
                readBack(server.uri(), round % 10 == 0);
            }
            load.listen(servers, name);
            if (round > 0) {
                Publishing.again(oracle, server.uri(), load.key("publisher"), oracle.resends(random));
            }
            int killAfterMs = EARLIEST_KILL_MS + random.nextInt(LATEST_KILL_MS - EARLIEST_KILL_MS);
            long ackedBefore = oracle.acked();
            load.publish(servers, name, Publishing.UNTIL_THE_END);
            CompletableFuture.delayedExecutor(killAfterMs, TimeUnit.MILLISECONDS)
                    .execute(server::kill);
            int code = server.await(60);
            if (code != ServerProcess.KILLED) {
                throw new AssertionError("the server ended by itself with " + code);
            }
            load.awaitPublishers();
            load.awaitListeners();
            evidence.note("round " + round + ": listening after " + server.startMs() + " ms, killed " + killAfterMs
                    + " ms into the load, " + (oracle.acked() - ackedBefore) + " acknowledged, "
                    + oracle.unansweredNow() + " unanswered");
            round++;
        }
    }

    /// After the last kill: everything is read, sent again, caught up with, and read once more.
    void settle() throws Exception {
        try (ServerProcess server = start()) {
            readBack(server.uri(), true);
            load.listen(List.of(server.uri()), "last.");
            Publishing.again(oracle, server.uri(), load.key("publisher"), oracle.resends(random));
            readBack(server.uri(), true);
            load.awaitCaughtUp(nextOffsets);
        }
    }

    /// Compares the store with what the oracle knows.
    ///
    /// @param whole all of it, or the end of it
    void readBack(URI server, boolean whole) throws IOException {
        for (String topic : TOPICS) {
            long from = whole ? 1 : Math.max(1, nextOffsets.getOrDefault(topic, 1L) - READ_AGAIN);
            HttpReader.Page page = HttpReader.toTheEnd(server, topic, from);
            oracle.read(topic, page.epoch(), from, page.messages());
            nextOffsets.put(topic, from + page.messages().size());
        }
    }

    @Override
    public void close() {
        load.close();
    }
}
