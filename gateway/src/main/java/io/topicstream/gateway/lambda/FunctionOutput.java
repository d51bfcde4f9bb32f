package io.topicstream.gateway.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// What processes of functions print, as lines of the log that begin with the function's name.
///
/// One thread looks what is there to be read and never waits for one of them, so that a pipe which
/// somebody holds open holds up nobody. Of each process a number of lines a second is logged, each up to
/// a length; others are counted.
final class FunctionOutput implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger("io.topicstream.gateway.function");
    private static final int MAX_LINE_BYTES = 4_096;
    private static final int LINES_PER_SECOND = 500;
    private static final int READ_BYTES = 64 << 10;
    private static final int TURNS_AFTER_END = 32;
    private static final long PAUSE_NS = 20_000_000;
    private static final long SECOND_NS = 1_000_000_000;

    private final List<Source> sources = new ArrayList<>();
    private @Nullable Thread reader;
    private boolean closed;

    /// Begins to read what a process prints.
    synchronized Source of(String function, InputStream in) {
        Source source = new Source(function, in);
        sources.add(source);
        if (reader == null && !closed) {
            reader = Thread.ofPlatform()
                    .daemon()
                    .name("topicstream-function-output")
                    .start(this::read);
        }
        notifyAll();
        return source;
    }

    private void read() {
        byte[] buffer = new byte[READ_BYTES];
        while (true) {
            List<Source> all;
            synchronized (this) {
                while (sources.isEmpty() && !closed) {
                    try {
                        wait();
                    } catch (InterruptedException e) {
                        return;
                    }
                }
                if (closed) {
                    return;
                }
                all = List.copyOf(sources);
            }
            boolean some = false;
            for (Source source : all) {
                boolean wasOver = source.isOver;
                boolean read = source.read(buffer);
                some |= read;
                if (wasOver && (!read || source.turnsLeft-- == 0)) {
                    source.close();
                    synchronized (this) {
                        sources.remove(source);
                    }
                }
            }
            if (!some) {
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    /// What one process prints. All but [#end] belongs to the thread that reads.
    static final class Source {
        private final String function;
        private final InputStream in;
        private final byte[] line = new byte[MAX_LINE_BYTES];
        private int length;
        private int cut;
        private long second = System.nanoTime();
        private int lines;
        private long leftOut;
        /// So often is it read when its process has ended: others may hold its output and go on.
        private int turnsLeft = TURNS_AFTER_END;
        private volatile boolean isOver;

        private Source(String function, InputStream in) {
            this.function = function;
            this.in = in;
        }

        /// The process has ended: what it has printed is read, and then no more.
        void end() {
            isOver = true;
        }

        /// @return whether there was something
        private boolean read(byte[] buffer) {
            try {
                int there = in.available();
                if (there <= 0) {
                    tellOfLeftOut();
                    return false;
                }
                int read = in.read(buffer, 0, Math.min(there, buffer.length));
                for (int at = 0; at < read; at++) {
                    take(buffer[at]);
                }
                return read > 0;
            } catch (IOException e) {
                return false;
            }
        }

        private void take(byte next) {
            if (next == '\n') {
                log();
            } else if (length < line.length) {
                line[length++] = next;
            } else {
                cut++;
            }
        }

        private void log() {
            tellOfLeftOut();
            if (++lines > LINES_PER_SECOND) {
                leftOut++;
            } else if (length > 0) {
                LOGGER.log(
                        System.Logger.Level.INFO,
                        "{0} {1}",
                        function,
                        safe(new String(line, 0, length, UTF_8))
                                + (cut == 0 ? "" : " … and " + cut + " further bytes"));
            }
            length = 0;
            cut = 0;
        }

        private void tellOfLeftOut() {
            long now = System.nanoTime();
            if (now - second < SECOND_NS) {
                return;
            }
            second = now;
            lines = 0;
            if (leftOut > 0) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "{0} has printed {1} further lines, which are left out",
                        function,
                        leftOut);
                leftOut = 0;
            }
        }

        /// Without what could act on a terminal, or make further lines.
        private static String safe(String text) {
            StringBuilder safe = new StringBuilder(text.length());
            text.codePoints()
                    .map(c -> c == '\t' || c == '\r' ? ' ' : c)
                    .filter(c -> !Character.isISOControl(c) && c != 0x2028 && c != 0x2029)
                    .forEach(safe::appendCodePoint);
            return safe.toString().stripTrailing();
        }

        private void close() {
            second = 0;
            log();
            tellOfLeftOut();
            try {
                in.close();
            } catch (IOException e) {
                // It is closed then.
            }
        }
    }
}
