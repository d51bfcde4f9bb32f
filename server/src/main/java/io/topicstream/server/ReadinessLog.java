package io.topicstream.server;

import io.topicstream.http.Readiness;
import io.topicstream.http.Readiness.Condition;
import io.topicstream.log.LogLimit;
import java.util.List;
import java.util.stream.Collectors;

/// Says in the log that the server is not ready any more, why, and when it is again: a store that takes no writes or
/// stands still, and a loop that does not run, are to be read there too. Looks once a second, on a thread of its own,
/// because those that it looks at may be the ones that stand.
final class ReadinessLog implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(ReadinessLog.class.getName());
    private static final long PERIOD_MS = 1000;
    private static final String KIND = "not-ready";

    private final Readiness readiness;
    private final LogLimit limit;
    private final Thread thread;
    /// What is the matter and was said; empty while the server is ready. The thread's own.
    private String said = "";

    /// @param limit what holds back the lines of a server that is ready and is not in turns
    ReadinessLog(Readiness readiness, LogLimit limit) {
        this.readiness = readiness;
        this.limit = limit;
        this.thread = Thread.ofPlatform().daemon().name("topicstream-readiness").unstarted(this::run);
    }

    /// Begins to look.
    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(PERIOD_MS);
                look();
            }
        } catch (InterruptedException e) {
            // Closed.
        }
    }

    /// Looks once.
    void look() {
        List<Condition> unmet = readiness.unmet();
        if (Thread.currentThread().isInterrupted()) {
            return;
        }
        String reasons = unmet.stream().map(Condition::otherwise).collect(Collectors.joining("; "));
        if (reasons.equals(said)) {
            return;
        }
        if (unmet.isEmpty()) {
            LOGGER.log(System.Logger.Level.INFO, "ready again");
            said = reasons;
        } else if (limit.permits(KIND)) {
            LOGGER.log(System.Logger.Level.WARNING, "not ready: " + reasons);
            said = reasons;
        }
    }

    /// Ends it: a server that stops is not ready, and says so by itself.
    @Override
    public void close() {
        thread.interrupt();
    }
}
