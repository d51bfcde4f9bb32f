package io.topicstream.transport;

import static java.lang.System.Logger.Level.WARNING;

import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;

/// What becomes of a throwable that nobody on an event loop expected.
///
/// After an exception, or where one buffer found no memory, the one connection concerned ends and the loop goes
/// on. Clients can cause that, so it is told at most once a minute and kind. After any other `Error` nobody
/// knows what still holds. It goes to the thread's handler for uncaught exceptions, which in `topicstream
/// serve` ends the process. Netty would only log it.
public final class LoopFaults {
    private static final System.Logger LOG = System.getLogger(LoopFaults.class.getName());
    private static final LineLimit LINES = new LineLimit(System::nanoTime);

    private LoopFaults() {}

    /// Loads what the first line in the log needs: its time zones are a file, and an `Error` while a class is loaded
    /// for want of a descriptor would stay for good.
    static void rehearse() {
        LogRecord record = new LogRecord(Level.WARNING, "rehearsed");
        record.setThrown(new IllegalStateException("rehearsed"));
        var _ = new SimpleFormatter().format(record);
        var _ = LINES.permit("rehearsed");
    }

    /// Tells of the throwable, or hands it on where the thread cannot go on.
    ///
    /// @param what happened, in words that are the same each time: they are the kind of the line
    public static void onFault(String what, Throwable thrown) {
        if (isFatal(thrown)) {
            cannotGoOn(thrown);
        } else {
            tell(what, what, thrown);
        }
    }

    /// Logs a warning, unless one of its kind was logged less than a minute ago.
    static void tell(String kind, String what, @Nullable Throwable thrown) {
        try {
            LINES.log(LOG, WARNING, kind, what, thrown);
        } catch (Error e) {
            cannotGoOn(e);
        }
    }

    /// Whether a thread that met this may not go on.
    static boolean isFatal(Throwable thrown) {
        return thrown instanceof Error && !isOutOfBuffers(thrown);
    }

    /// Whether memory outside of the heap is used up. It is counted, so the attempt has done no harm; and the
    /// JVM's own flags do not end the process for it.
    static boolean isOutOfBuffers(Throwable thrown) {
        return thrown instanceof OutOfMemoryError
                && thrown.getMessage() != null
                && thrown.getMessage().contains("direct");
    }

    /// Hands the throwable to whoever is told of threads that end.
    static void cannotGoOn(Throwable thrown) {
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, thrown);
    }
}
