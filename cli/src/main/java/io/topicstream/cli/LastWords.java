package io.topicstream.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;

/// How a server ends of which a thread cannot go on: one line on the standard error, then
/// [ExitCodes#CANNOT_GO_ON] at once. Half a server is worse than none, for nobody starts it again.
///
/// What it needs is loaded when it is made, because there may be neither memory nor descriptors when it speaks.
/// May be called on any thread.
final class LastWords implements Thread.UncaughtExceptionHandler {
    private static final byte[] LEAST = line("a thread cannot go on; ending, so that the server can be started again");

    private final FileOutputStream err = new FileOutputStream(FileDescriptor.err);
    private final AtomicBoolean spoken = new AtomicBoolean();

    private LastWords() {}

    /// Has every thread of the process that ends by a throwable end the process.
    static void install() {
        LastWords words = new LastWords();
        words.rehearse();
        Thread.setDefaultUncaughtExceptionHandler(words);
    }

    /// Loads the classes that these words need.
    private void rehearse() {
        say(describe(Thread.currentThread(), new StackOverflowError("rehearsed")), 0);
    }

    @Override
    public void uncaughtException(Thread thread, Throwable thrown) {
        // Two threads that end together are one end.
        if (!spoken.compareAndSet(false, true)) {
            return;
        }
        try {
            byte[] words = describe(thread, thrown);
            say(words, words.length);
        } catch (Throwable e) {
            say(LEAST, LEAST.length);
        } finally {
            Runtime.getRuntime().halt(ExitCodes.CANNOT_GO_ON);
        }
    }

    private static byte[] describe(Thread thread, Throwable thrown) {
        StackTraceElement[] trace = thrown.getStackTrace();
        return line("thread " + thread.getName() + " cannot go on: " + thrown
                + (trace.length == 0 ? "" : " at " + trace[0])
                + "; ending, so that the server can be started again");
    }

    private static byte[] line(String what) {
        return ("topicstream: " + TerminalText.line(what) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private void say(byte[] words, int length) {
        try {
            err.write(words, 0, length);
        } catch (IOException e) {
            // Nobody listens; the exit code says it too.
        }
    }
}
