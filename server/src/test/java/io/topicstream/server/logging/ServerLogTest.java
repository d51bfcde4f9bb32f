package io.topicstream.server.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.config.section.LogSection;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/// What comes out of the process's log, and that nothing comes out of it into those who log.
@Isolated
@Timeout(120)
class ServerLogTest {
    private static final System.Logger OURS = System.getLogger("io.topicstream.server.logging.ServerLogTest");
    private static final System.Logger OTHERS = System.getLogger("org.example");

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private @Nullable ServerLog log;

    @AfterEach
    void uninstall() {
        if (log != null) {
            log.uninstall();
        }
    }

    private void install(LogSection.Level level, OutputStream out) {
        log = ServerLog.install(new LogSection(level, LogSection.Format.TEXT, false), out);
    }

    private List<String> lines() {
        if (log != null) {
            log.flush();
        }
        return written.toString(UTF_8).lines().toList();
    }

    @Test
    void linesOfTheLevelAndAboveAreWritten() {
        install(LogSection.Level.WARNING, written);
        OURS.log(System.Logger.Level.INFO, "not this");
        OURS.log(System.Logger.Level.WARNING, "this");
        OTHERS.log(System.Logger.Level.ERROR, "that");
        Logger.getLogger(AccessRecord.LOGGER).log(new AccessRecord("192.0.2.1", null, "GET", "/", 200, 0, 1, 1));

        assertThat(lines()).hasSize(3);
        assertThat(lines().get(0)).endsWith("WARNING this");
        assertThat(lines().get(1)).endsWith("ERROR org.example: that");
        assertThat(lines().get(2)).contains(" ACCESS 192.0.2.1 ");
    }

    @Test
    void debugIsOfOurCodeAlone() {
        install(LogSection.Level.DEBUG, written);
        OURS.log(System.Logger.Level.DEBUG, "ours");
        OTHERS.log(System.Logger.Level.DEBUG, "theirs");

        assertThat(lines()).singleElement().asString().endsWith("DEBUG ours");
    }

    @Test
    void aStreamThatFailsIsNobodysProblemAndLinesThatPassLaterSayHowManyDidNot() {
        AtomicBoolean full = new AtomicBoolean(true);
        install(LogSection.Level.INFO, new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                if (full.get()) {
                    throw new IOException("No space left on device");
                }
                written.write(bytes, from, length);
            }
        });
        for (int i = 0; i < 3; i++) {
            OURS.log(System.Logger.Level.INFO, "lost");
            assertThat(lines()).isEmpty();
        }
        full.set(false);
        OURS.log(System.Logger.Level.INFO, "found");

        assertThat(lines()).hasSize(3);
        assertThat(lines().get(0)).isEmpty();
        assertThat(lines().get(1)).endsWith("INFO found");
        assertThat(lines().get(2)).contains("3 lines of the log were dropped");
    }

    @Test
    void aStreamThatStandsStillStopsNobodyAndWhatWaitsIsBounded() {
        CountDownLatch moving = new CountDownLatch(1);
        install(LogSection.Level.INFO, new OutputStream() {
            @Override
            public void write(int b) {
                written.write(b);
            }

            @Override
            public void write(byte[] bytes, int from, int length) {
                try {
                    moving.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                written.write(bytes, from, length);
            }
        });
        String kilobyte = "x".repeat(1000);
        for (int i = 0; i < 10_000; i++) {
            OURS.log(System.Logger.Level.INFO, kilobyte);
        }
        moving.countDown();

        assertThat(lines().size()).isBetween(900, 2200);
        assertThat(lines()).anyMatch(line -> line.matches(".* \\d+ lines of the log were dropped: .*"));
    }

    @Test
    void aRecordThatCannotBeFormattedDoesNotReachWhoLogsIt() {
        install(LogSection.Level.INFO, written);
        OURS.log(System.Logger.Level.INFO, "{0}", new Object() {
            @Override
            public String toString() {
                throw new StackOverflowError("planted");
            }
        });
        OURS.log(System.Logger.Level.INFO, "the next");

        assertThat(lines()).last().asString().endsWith("INFO the next");
    }

    @Test
    void theEndOfTheJvmDoesNotTakeTheLogAwayWhileTheServerStops() {
        install(LogSection.Level.INFO, written);

        // What the JDK does with every logger in its own shutdown hook, beside ours.
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
            handler.close();
        }
        OURS.log(System.Logger.Level.INFO, "stopped");

        assertThat(lines()).singleElement().asString().endsWith("INFO stopped");
    }
}
