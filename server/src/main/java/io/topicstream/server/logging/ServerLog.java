package io.topicstream.server.logging;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.server.config.section.LogSection;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The log of a server process: takes what all code of the process logs, and writes it as lines to one stream.
///
/// A line never throws into who logs it, and never makes it wait: lines are dropped, and counted, when the
/// stream takes none ([LogOutput]). All that a line needs is loaded when this is installed, so that it can
/// still be written when no file can be opened any more.
///
/// Thread-safe.
public final class ServerLog extends Handler {
    private static final int MAX_WAITING_BYTES = 1 << 20;
    private static final int FLUSH_MS = 1000;

    private final LineFormatter formatter;
    private final LogOutput output;
    /// `java.util.logging` forgets the level of a logger that nobody holds.
    private final List<Logger> held = new ArrayList<>();
    private final List<Handler> replaced = new ArrayList<>();
    private @Nullable Level formerLevel;

    private ServerLog(LineFormatter formatter, OutputStream out) {
        this.formatter = formatter;
        this.output = new LogOutput(
                out,
                MAX_WAITING_BYTES,
                lost -> encoded(new LogRecord(
                        Level.WARNING,
                        lost + " lines of the log were dropped: they could not be written fast enough")));
    }

    /// Takes the place of whatever handlers there are.
    ///
    /// @param out where the lines go, one write for several of them; never closed
    public static ServerLog install(LogSection config, OutputStream out) {
        ServerLog log = new ServerLog(
                switch (config.format()) {
                    case TEXT -> new LineFormatter.Text();
                    case JSON -> new LineFormatter.Json();
                },
                out);
        log.warmUp();
        log.output.start();
        log.takeOver(level(config.level()));
        return log;
    }

    private static Level level(LogSection.Level level) {
        return switch (level) {
            case DEBUG -> Level.FINE;
            case INFO -> Level.INFO;
            case WARNING -> Level.WARNING;
            case ERROR -> Level.SEVERE;
        };
    }

    private void takeOver(Level level) {
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
            replaced.add(handler);
        }
        formerLevel = root.getLevel();
        setLevel(level);
        root.addHandler(this);
        // Of libraries nobody wants to know what they tell their own developers.
        root.setLevel(level.intValue() < Level.INFO.intValue() ? Level.INFO : level);
        setLevel("io.topicstream", level);
        setLevel(AccessRecord.LOGGER, Level.INFO);
    }

    private void setLevel(String name, @Nullable Level level) {
        Logger logger = Logger.getLogger(name);
        logger.setLevel(level);
        held.add(logger);
    }

    /// Gives the place back to those that had it, once all is written.
    public void uninstall() {
        flush();
        Logger root = Logger.getLogger("");
        root.removeHandler(this);
        replaced.forEach(root::addHandler);
        root.setLevel(formerLevel);
        held.forEach(logger -> logger.setLevel(null));
    }

    /// Makes one line of each kind for nobody.
    private void warmUp() {
        LogRecord record = new LogRecord(Level.WARNING, "{0}\u001B");
        record.setParameters(new Object[] {"a"});
        record.setThrown(new IllegalStateException("a", new IllegalArgumentException()));
        record.setLoggerName("a");
        encoded(record);
        encoded(new AccessRecord("a", null, "a", "a", 200, 0, 1, 1));
    }

    private byte[] encoded(LogRecord record) {
        return formatter.format(record).getBytes(UTF_8);
    }

    @Override
    public void publish(LogRecord record) {
        try {
            if (record instanceof AccessRecord || isLoggable(record)) {
                output.offer(encoded(record));
            }
        } catch (RuntimeException | Error e) {
            // Who logs has something else to do than to end over it. Out of memory, mostly.
        }
    }

    /// Writes a line without asking `java.util.logging`, which for a moment has no handlers when the JVM ends.
    public void say(String logger, String line) {
        LogRecord record = new LogRecord(Level.INFO, line);
        record.setLoggerName(logger);
        publish(record);
    }

    /// Waits until everything is written, but for a second at most.
    @Override
    public void flush() {
        output.flush(FLUSH_MS);
    }

    /// Called when the JVM ends, while the server is still being stopped: `java.util.logging` then takes all handlers
    /// away, at a time of its own. What is logged on the way down is to be read too, so this one puts itself back.
    @Override
    public void close() {
        Logger.getLogger("").addHandler(this);
    }
}
