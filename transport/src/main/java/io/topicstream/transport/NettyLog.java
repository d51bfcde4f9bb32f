package io.topicstream.transport;

import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// Where Netty's own log goes: warnings into the server's log, at most one a minute and kind, because clients
/// can cause most of them. Of an `Error` that Netty caught, and would only log, the thread's handler for
/// uncaught exceptions is told ([LoopFaults]).
final class NettyLog extends Handler {
    /// Kept, because loggers that nobody holds are collected and forget their settings.
    private static final Logger NETTY = Logger.getLogger("io.netty");

    private NettyLog() {}

    /// Takes Netty's log over, once. To be called before any of Netty's classes has made itself a logger.
    static void install() {
        synchronized (NETTY) {
            for (Handler handler : NETTY.getHandlers()) {
                if (handler instanceof NettyLog) {
                    return;
                }
            }
            InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
            // Whatever is written: an error must come here even where the log is to tell errors of ours alone.
            NETTY.setLevel(Level.WARNING);
            NETTY.setUseParentHandlers(false);
            NETTY.addHandler(new NettyLog());
        }
    }

    @Override
    public void publish(LogRecord line) {
        Throwable thrown = line.getThrown();
        if (thrown != null && LoopFaults.isFatal(thrown) && line.getLevel().intValue() >= Level.WARNING.intValue()) {
            LoopFaults.cannotGoOn(thrown);
        } else if (line.getLevel().intValue() >= Level.WARNING.intValue()) {
            String kind = line.getLoggerName()
                    + (thrown == null ? "" : thrown.getClass().getName());
            LoopFaults.tell(kind, line.getMessage(), thrown);
        }
    }

    @Override
    public void flush() {
        // Nothing is kept.
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
