package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A process of which a thread cannot go on ends, with one line and a code of its own.
class LastWordsTest {
    @ParameterizedTest
    @CsvSource({
        "assertion, java.lang.AssertionError: planted",
        "recursion, java.lang.StackOverflowError",
        "exception, java.lang.IllegalStateException: planted",
        "memory, cannot go on"
    })
    void aThreadThatCannotGoOnEndsTheProcess(String how, String words) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LastWordsTest.class.getName(),
                        how)
                .start();
        try {
            String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isEqualTo(ExitCodes.CANNOT_GO_ON);
            assertThat(err.lines())
                    .singleElement()
                    .asString()
                    .startsWith("topicstream: ")
                    .contains(words);
        } finally {
            process.destroyForcibly();
        }
    }

    /// The process: its one thread ends as it is told, the rest of it would go on for ever.
    public static void main(String[] how) throws InterruptedException {
        LastWords.install();
        Thread.ofPlatform().name("planted").start(() -> end(how[0]));
        new CountDownLatch(1).await();
    }

    private static void end(String how) {
        switch (how) {
            case "assertion" -> throw new AssertionError("planted");
            case "recursion" -> recurse(0);
            case "exception" -> throw new IllegalStateException("planted");
            case "memory" -> fill();
            default -> throw new IllegalArgumentException(how);
        }
    }

    private static long recurse(long depth) {
        return depth < 0 ? 0 : depth + recurse(depth + 1) + 1;
    }

    private static void fill() {
        List<byte[]> kept = new ArrayList<>();
        int size = 1 << 20;
        while (size > 0) {
            try {
                kept.add(new byte[size]);
            } catch (OutOfMemoryError e) {
                size /= 2;
            }
        }
        // Nothing is left now, and all of it is still held.
        throw new AssertionError(new Object[kept.size() + (1 << 20)]);
    }
}
