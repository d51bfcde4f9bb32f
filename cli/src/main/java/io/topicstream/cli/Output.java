package io.topicstream.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The standard output. What cannot be written ends the command: a program that said nothing must not end as if it
/// had said everything.
final class Output extends PrintStream {
    private final Watched target;

    Output(OutputStream target) {
        this(new Watched(target));
    }

    private Output(Watched target) {
        super(target, true, StandardCharsets.UTF_8);
        this.target = target;
    }

    /// Prints a line.
    ///
    /// @throws CommandFailure if it, or anything before it, cannot be written
    @Override
    public void println(@Nullable String line) {
        super.println(line);
        requireWritten();
    }

    /// Looks whether everything was written.
    ///
    /// @throws CommandFailure if not: without a word where the reader has gone away, as `head` does
    void requireWritten() {
        flush();
        IOException failure = target.failure;
        if (failure != null) {
            String reason = String.valueOf(failure.getMessage());
            throw reason.contains("Broken pipe")
                    ? new CommandFailure(ExitCodes.READER_GONE, "")
                    : new CommandFailure(ExitCodes.DATA, "the standard output cannot be written: " + reason);
        }
    }

    /// Keeps the reason of a failure, which a [PrintStream] does not.
    private static final class Watched extends OutputStream {
        private final OutputStream target;
        private volatile @Nullable IOException failure;

        Watched(OutputStream target) {
            this.target = target;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            try {
                target.write(bytes, from, length);
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }

        @Override
        public void flush() throws IOException {
            try {
                target.flush();
            } catch (IOException e) {
                failure = e;
                throw e;
            }
        }
    }
}
