package io.topicstream.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.testkit.EvidenceCollector;
import io.topicstream.testkit.Seeds;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/// Kills a loaded server with SIGKILL, again and again, and has the oracle compare.
class CrashTest {
    @RegisterExtension
    final EvidenceCollector evidence = new EvidenceCollector();

    @TempDir
    private Path directory;

    @Test
    @Timeout(600)
    void nothingThatWasAcknowledgedOrSeenIsLostMovedOrDoubledByKills() throws Exception {
        killAndCompare(10);
    }

    @Test
    @Tag("slow")
    @Timeout(3600)
    void norByAHundredKills() throws Exception {
        killAndCompare(100);
    }

    private void killAndCompare(int rounds) throws Exception {
        long beginNs = System.nanoTime();
        try (CrashRounds crash = new CrashRounds(directory, Seeds.next("kills"), evidence)) {
            for (int i = 0; i < rounds; i++) {
                crash.runAndKill();
                assertThat(crash.oracle().complaints()).isEmpty();
            }
            crash.settle();

            Oracle oracle = crash.oracle();
            System.out.println(rounds + " kills in "
                    + Duration.ofNanos(System.nanoTime() - beginNs).toSeconds() + " s: " + oracle
                    + "; starts in ms " + crash.startsMs());
            assertThat(oracle.complaints()).isEmpty();
            // That it looked at something.
            assertThat(oracle.acked()).isGreaterThan(50L * rounds);
            assertThat(oracle.seen()).isGreaterThan(50L * rounds);
            assertThat(oracle.heardBare()).isGreaterThan(10L * rounds);
            assertThat(oracle.resent()).isGreaterThan(10L * rounds);
        }
    }

    @Test
    @Timeout(600)
    void aServerThatAnswersBeforeItIsDurableIsFoundOut() throws Exception {
        try (CrashRounds crash =
                new CrashRounds(directory, Seeds.next("kills"), evidence, "data.durability", "memory")) {
            crash.runAndKill();
            assertThat(crash.oracle().complaints()).isEmpty();
            assertThat(crash.oracle().acked()).isPositive();

            try (ServerProcess again = crash.start()) {
                crash.readBack(again.uri(), true);
            }

            assertThat(crash.oracle().complaints())
                    .anyMatch(complaint -> complaint.startsWith("P1: acknowledged and gone"));
        }
    }
}
