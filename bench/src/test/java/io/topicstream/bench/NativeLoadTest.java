package io.topicstream.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLoadTest {
    private NativeStandIn server;

    @BeforeEach
    void start() throws IOException {
        server = new NativeStandIn(0);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void messagesAreFoundAloneAndInArrays() {
        LoadResult result = load("--topic-prefix two. --subs 10 --pubs 2 --groups 2 --rate 800 --dur 0.3");

        assertThat(result.counts().sent()).isEqualTo(320);
        assertThat(result.counts().delivered()).isEqualTo(1_600);
        assertThat(result.counts().areClean()).as(result.summary()).isTrue();
    }

    @Test
    void everyReplyIsAnAcknowledgement() {
        LoadResult result = load("--subs 1 --pubs 5 --acks --window 4 --count 500 --dur 20");

        assertThat(result.counts().sent()).isGreaterThanOrEqualTo(500);
        assertThat(result.counts().committed()).isEqualTo(result.counts().sent());
        assertThat(result.counts().unanswered()).isZero();
        assertThat(result.counts().areClean()).as(result.summary()).isTrue();
    }

    @Test
    void aSubscriberOfManyTopicsChecksEachOfThem() {
        LoadResult result =
                load("--subs 4 --topics-per-sub 300 --groups 1200 --pubs 1 --round-robin --rate 4000 --dur 0.9");

        assertThat(result.counts().sent()).isEqualTo(4_000);
        assertThat(result.counts().topics()).isEqualTo(1_200);
        assertThat(result.counts().delivered()).isEqualTo(4_000);
        assertThat(result.counts().areClean()).as(result.summary()).isTrue();
    }

    @Test
    void aRoundThatIsCutShortOwesNothingToTheTopicsBehindIt() {
        LoadResult result = load(
                "--subs 4 --topics-per-sub 300 --groups 1200 --pubs 1 --round-robin --rate 2000 --count 500 --dur 20");

        assertThat(result.counts().topics()).isEqualTo(500);
        assertThat(result.counts().delivered()).isEqualTo(500);
        assertThat(result.counts().areClean()).as(result.summary()).isTrue();
    }

    @Test
    void refusalsAreCountedAndQuoted() {
        LoadResult result = load("--topic-prefix no. --pubs 1 --acks --window 1 --count 10 --dur 20");

        assertThat(result.counts().refused()).isEqualTo(10);
        assertThat(result.counts().committed()).isZero();
        assertThat(result.firstComplaint()).contains("forbidden");
    }

    @Test
    void aCrowdHasComeTogetherWhenEachWasToldOfAll() {
        LoadResult result = load("--gather --topic-prefix room: --subs 20 --path /v1?user=u{i} --dur 0");

        assertThat(result.connections()).isEqualTo(20);
        assertThat(result.gathering().frames()).isEqualTo(20 * 21 / 2);
        assertThat(result.gathering().seconds()).isPositive();
        assertThat(result.summary()).contains("by 210 frames");
    }

    @Test
    void aCrowdOfWhichOneIsNotToldHasNotComeTogether() {
        assertThatThrownBy(() -> load("--gather --topic-prefix room:deaf. --subs 8 --ready-timeout 1 --dur 0"))
                .isInstanceOf(LoadFailure.class)
                .hasMessageContaining("only 7 of 8");
        assertThatThrownBy(() -> load("--gather --subs 8 --groups 2 --dur 0")).hasMessageContaining("--gather");
    }

    @Test
    void whatHttpProducesHttpConsumes() {
        LoadResult produced =
                load("--protocol produce --pubs 1 --window 16 --count 300 --dur 20 --topic-prefix pages.");
        LoadResult consumed =
                load("--protocol consume --pubs 3 --window 2 --stored 300 --page 50 --topic-prefix pages.");

        assertThat(produced.counts().committed()).isEqualTo(300);
        assertThat(consumed.counts().delivered())
                .isEqualTo(50 * consumed.counts().committed());
        assertThat(consumed.counts().areClean()).as(consumed.summary()).isTrue();
    }

    @Test
    void theSuitePrintsATableOfRatios(@TempDir Path out) throws IOException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        String command =
                '"' + Path.of(System.getProperty("java.home"), "bin", "java").toString() + "\" -cp \""
                        + System.getProperty("java.class.path") + "\" " + NativeStandIn.class.getName() + " {port}";

        int status = Suite.run(
                new PrintStream(printed, true, StandardCharsets.UTF_8),
                "--quick",
                "--only",
                "F1,D1,D4,F1T,M1,M1T,P1,G1",
                "--server-command",
                command,
                "--server-command-tls",
                command + " \"{certificate}\" \"{key}\"",
                "--server-command-guests",
                command,
                "--out",
                out.toString());

        String text = printed.toString(StandardCharsets.UTF_8);
        assertThat(status).as(text).isZero();
        assertThat(text)
                .contains("cores")
                .contains("| F1 | ")
                .contains("| D1 | ")
                .contains("| D4 | ")
                .containsPattern("\\| F1T \\| .* \\| measured only \\|  \\|")
                .containsPattern("\\| P1 \\| .* \\| all told of all, s \\| .* \\| measured only \\|")
                .containsPattern("\\| M1T \\| .* \\| measured only \\|  \\|");
        assertThat(text).contains("live heap each").contains("B a delivery").doesNotContain("failed");
        assertThat(Files.readString(out.resolve("suite.jsonl"))).contains("\"label\":\"F1 ours 1\"");
        assertThat(text)
                .endsWith(Files.readString(out.resolve("suite.md"))
                                .lines()
                                .reduce((_, last) -> last)
                                .orElseThrow()
                        + System.lineSeparator());
        assertThat(Files.readString(out.resolve("suite.md")))
                .startsWith("Machine: ")
                .contains("Settings: quick", "| # | workload |", "| F1 | ", "| R2 | ");
        try (var left = Files.list(out)) {
            assertThat(left).containsExactlyInAnyOrder(out.resolve("suite.jsonl"), out.resolve("suite.md"));
        }
    }

    @Test
    void theSuiteWantsToKnowTheServer() {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();

        int status = Suite.run(new PrintStream(printed, true, StandardCharsets.UTF_8), "--quick");

        assertThat(status).isEqualTo(2);
        assertThat(printed.toString(StandardCharsets.UTF_8)).contains("--server-command");
    }

    private LoadResult load(String arguments) {
        String times = " --settle 0 --warm 0.1 --drain 2 --max-time 60 --port " + server.port();
        return LoadRun.run(
                LoadOptions.parse(ServerProcess.words((arguments.contains("--protocol") ? "" : "--protocol native ")
                        + arguments
                        + (arguments.contains("--dur") ? "" : " --dur 0.4")
                        + times)));
    }
}
