package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/// A server that was told to stop ends, whatever of it is stuck.
class StoppingTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final List<Integer> codes = new ArrayList<>();

    private void run(Supplier<CompletableFuture<Void>> stop) {
        Surroundings surroundings = new Surroundings(
                InputStream.nullInputStream(),
                new Output(OutputStream.nullOutputStream()),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                Map.of(),
                Path.of("/"));
        new Stopping(surroundings, stop, Duration.ofMillis(20), codes::add).run();
    }

    @Test
    void whatStopsInTimeEndsWithZeroAndWithoutAWord() {
        run(() -> CompletableFuture.completedFuture(null));

        assertThat(codes).containsExactly(ExitCodes.OK);
        assertThat(err.size()).isZero();
    }

    @Test
    void whatIsStuckEndsAllTheSameAndSaysSo() {
        run(CompletableFuture::new);

        assertThat(codes).containsExactly(ExitCodes.CANNOT_GO_ON);
        assertThat(err.toString(StandardCharsets.UTF_8)).startsWith("topicstream: not everything stopped within");
    }

    @Test
    void whatFailsToStopEndsAllTheSameAndSaysWhy() {
        run(() -> CompletableFuture.failedFuture(new IllegalStateException("the reason")));
        run(() -> {
            throw new IllegalStateException("the reason");
        });

        assertThat(codes).containsExactly(ExitCodes.FAULT, ExitCodes.FAULT);
        assertThat(err.toString(StandardCharsets.UTF_8).lines())
                .hasSize(2)
                .allMatch(line -> line.contains("the reason"));
    }
}
