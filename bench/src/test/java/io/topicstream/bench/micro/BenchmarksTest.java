package io.topicstream.bench.micro;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

final class BenchmarksTest {
    private static final String IGNORE_LOCK = "jmh.ignoreLock";

    @Test
    void everyBenchmarkRuns() throws RunnerException {
        // Whether others measure at the same time is nothing to a run whose figures nobody reads.
        System.setProperty(IGNORE_LOCK, "true");
        Collection<RunResult> results;
        try {
            results = new Runner(new OptionsBuilder()
                            .include(BenchmarksTest.class.getPackageName())
                            .forks(0)
                            .warmupIterations(0)
                            .measurementIterations(1)
                            .measurementTime(TimeValue.milliseconds(5))
                            .shouldFailOnError(true)
                            .verbosity(VerboseMode.SILENT)
                            .build())
                    .run();
        } finally {
            System.clearProperty(IGNORE_LOCK);
        }

        assertThat(results)
                .extracting(result -> result.getPrimaryResult().getLabel())
                .containsExactlyInAnyOrder(
                        "publish",
                        "delivery",
                        "delivery",
                        "delivery",
                        "delivery",
                        "append",
                        "append",
                        "appendAndFollow");
        assertThat(results)
                .allSatisfy(result ->
                        assertThat(result.getPrimaryResult().getScore()).isPositive());
    }
}
