package io.topicstream.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessTest {
    private static final String TIMES = "--settle 0 --warm 0.1 --dur 0.4 --max-time 30 --port ";

    @TempDir
    Path scratch = Path.of("");

    @Test
    void redisStoresEveryMessageAndGivesItBackInPages() {
        try (ServerProcess redis = ServerProcess.start(RedisPeer.command(), scratch)) {
            LoadResult stored = run("--protocol xadd --explicit-ids --pubs 1 --window 64 --count 1000 " + TIMES, redis);
            LoadResult read = run("--protocol xrange --pubs 4 --window 2 --stored 1000 --page 100 " + TIMES, redis);
            LoadResult added = run("--protocol xadd --topic-prefix other. --pubs 50 --window 1 " + TIMES, redis);

            assertThat(stored.counts().committed()).isEqualTo(1_000);
            assertThat(read.counts().delivered()).isEqualTo(read.counts().committed() * 100);
            assertThat(read.counts().areClean()).as(read.summary()).isTrue();
            assertThat(added.counts().committed()).isEqualTo(added.counts().sent());
            assertThat(added.counts().refused()).isZero();
        }
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void aServerThatDoesNotStartSaysWhy() {
        List<String> command =
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "--no-such-option");

        assertThatThrownBy(() -> ServerProcess.start(command, scratch))
                .isInstanceOf(LoadFailure.class)
                .hasMessageContaining("no-such-option");
        assertThat(scratch).isEmptyDirectory();
    }

    @Test
    void aMetricIsSummedOverItsLabels() {
        String page = """
                # TYPE a counter
                a_total 3
                a_total_created 99
                b{x="1"} 2.5
                b{x="} 2"} 4
                """;

        assertThat(ServerProcess.sum(page, "a_total")).isEqualTo(3);
        assertThat(ServerProcess.sum(page, "b")).isEqualTo(6.5);
        assertThatThrownBy(() -> ServerProcess.sum(page, "c")).hasMessageContaining("no metric c");
    }

    private static LoadResult run(String arguments, ServerProcess server) {
        return LoadRun.run(LoadOptions.parse(ServerProcess.words(arguments + server.port())));
    }
}
