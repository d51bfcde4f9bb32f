package io.topicstream.testkit;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/// Listens to what the server's log is told, until it is closed.
public final class LogLines implements AutoCloseable {
    private static final Logger LOGGER = Logger.getLogger("io.topicstream");

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord line) {
            lines.add(formatter.formatMessage(line));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    public LogLines() {
        LOGGER.addHandler(handler);
    }

    /// Those so far that contain the text.
    public List<String> with(String text) {
        return lines.stream().filter(line -> line.contains(text)).toList();
    }

    @Override
    public void close() {
        LOGGER.removeHandler(handler);
    }
}
