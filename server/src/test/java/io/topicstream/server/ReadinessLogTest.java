package io.topicstream.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.http.Readiness;
import io.topicstream.http.Readiness.Condition;
import io.topicstream.log.LogLimit;
import io.topicstream.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReadinessLogTest {
    private static final Logger LOGGER = Logger.getLogger(ReadinessLog.class.getName());

    private final ManualClock clock = new ManualClock();
    private final AtomicBoolean writable = new AtomicBoolean(true);
    private final AtomicBoolean turning = new AtomicBoolean(true);
    private final ReadinessLog log = new ReadinessLog(
            new Readiness(List.of(
                    new Condition("store_takes_writes", "the store takes no writes", writable::get),
                    new Condition("loops_running", "an event loop does not run", turning::get))),
            new LogLimit(clock));
    private final List<String> lines = new ArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord line) {
            lines.add(line.getLevel() + " " + line.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOGGER.addHandler(handler);
    }

    @AfterEach
    void stopListening() {
        LOGGER.removeHandler(handler);
    }

    @Test
    void itIsSaidWhatIsTheMatterAndThatItIsOver() {
        log.look();
        writable.set(false);
        log.look();
        log.look();
        writable.set(true);
        log.look();
        log.look();

        assertThat(lines).containsExactly("WARNING not ready: the store takes no writes", "INFO ready again");
    }

    @Test
    void whatComesOnTopIsSaidAtMostOnceAMinute() {
        writable.set(false);
        log.look();
        turning.set(false);
        log.look();
        assertThat(lines).hasSize(1);

        clock.advance(Duration.ofMinutes(1));
        log.look();

        assertThat(lines).last().isEqualTo("WARNING not ready: the store takes no writes; an event loop does not run");
    }

    @Test
    void aServerThatIsReadyAndIsNotInTurnsDoesNotFillTheLog() {
        for (int i = 0; i < 100; i++) {
            writable.set(i % 2 == 0);
            log.look();
        }

        assertThat(lines).containsExactly("WARNING not ready: the store takes no writes", "INFO ready again");
    }
}
