package io.topicstream.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.testkit.EvidenceCollector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// A kill leaves the page cache, so it cannot show whether a message would survive a power cut. The order of the
/// system calls can: between an append and its acknowledgement lies a sync.
@Timeout(180)
class SyncBeforeAckTest {
    private static final int MESSAGES = 300;
    private static final int WINDOW = 16;

    @RegisterExtension
    final EvidenceCollector evidence = new EvidenceCollector();

    @TempDir
    private Path directory;

    @Test
    void aSyncLiesBetweenEachAppendAndItsAcknowledgement() throws Exception {
        SystemCalls calls = trace("disk");

        assertThat(calls.acknowledgedBeforeSync()).isEmpty();
        assertThat(calls.syncs()).isGreaterThan(MESSAGES / WINDOW / 2);
    }

    @Test
    void aServerThatDoesNotSyncIsFoundOut() throws Exception {
        SystemCalls calls = trace("os");

        assertThat(calls.acknowledgedBeforeSync()).hasSizeGreaterThan(MESSAGES / 2);
    }

    private SystemCalls trace(String durability) throws Exception {
        String problem = SystemCalls.problem(directory);
        assertThat(problem).as("why system calls cannot be traced").isNull();
        Path file = directory.resolve("trace");
        evidence.keep(directory);
        Oracle oracle = new Oracle(directory);
        try (ServerProcess server =
                ServerProcess.start(directory, SystemCalls.tracer(file), "data.durability", durability)) {
            String key = server.createKey("publisher");
            Publishing.Work work = new Publishing.Work(oracle, SystemCalls.NAME, List.of("traced"), MESSAGES);
            int code = Publishing.natively(server.uri(), key, work, WINDOW).get(120, TimeUnit.SECONDS);
            assertThat(code).isZero();
            server.hangUp();
            server.await(60);
        }
        assertThat(oracle.complaints()).isEmpty();
        assertThat(Files.size(file)).isPositive();
        SystemCalls calls = new SystemCalls(file);
        // An id that the log's blocks cut in two is not recognised.
        assertThat(calls.traced()).isGreaterThan(MESSAGES * 9 / 10);
        return calls;
    }
}
