package io.topicstream.server.logging;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/// Lines on their way to a stream, which a thread of its own writes: who logs neither waits for a slow reader
/// nor hears of a stream that takes nothing.
///
/// What waits is bounded in bytes. Lines beyond that are dropped and counted, and the next line that is written says
/// how many. The memory is kept from the beginning on, so that a process that is out of memory can still say so.
///
/// Thread-safe.
final class LogOutput {
    private final OutputStream out;
    private final int maxWaitingBytes;
    private final LongFunction<byte[]> droppedLine;
    private final Thread writer;
    /// The last write failed, maybe in the middle of a line. The writer's own.
    private boolean broken;

    // Below: guarded by this.
    private byte[] waiting;
    private int waitingBytes;
    private long dropped;
    private long taken;
    private long written;

    /// @param droppedLine makes the line that says how many were dropped
    LogOutput(OutputStream out, int maxWaitingBytes, LongFunction<byte[]> droppedLine) {
        this.out = out;
        this.maxWaitingBytes = maxWaitingBytes;
        this.droppedLine = droppedLine;
        this.waiting = new byte[maxWaitingBytes];
        this.writer = Thread.ofPlatform().daemon().name("topicstream-logging").unstarted(this::run);
    }

    /// Begins to write.
    void start() {
        writer.start();
    }

    /// Takes a line with its line break, or drops it where too much waits.
    synchronized void offer(byte[] line) {
        if (line.length > maxWaitingBytes - waitingBytes) {
            dropped++;
            return;
        }
        System.arraycopy(line, 0, waiting, waitingBytes, line.length);
        waitingBytes += line.length;
        taken += line.length;
        if (waitingBytes == line.length) {
            notifyAll();
        }
    }

    /// Waits until all that was offered is written, or given up, but no longer than that.
    synchronized void flush(long atMostMs) {
        long wanted = taken;
        long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(atMostMs);
        try {
            while (written < wanted) {
                long leftMs = TimeUnit.NANOSECONDS.toMillis(endNs - System.nanoTime());
                if (leftMs <= 0) {
                    return;
                }
                wait(leftMs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        byte[] spare = new byte[maxWaitingBytes];
        while (true) {
            byte[] full;
            int bytes;
            long lost;
            synchronized (this) {
                while (waitingBytes == 0) {
                    try {
                        wait();
                    } catch (InterruptedException e) {
                        // Nobody may end it: what is logged last is what one wants to read.
                    }
                }
                full = waiting;
                bytes = waitingBytes;
                lost = dropped;
                waiting = spare;
                waitingBytes = 0;
                dropped = 0;
            }
            spare = full;
            write(full, bytes, lost);
            synchronized (this) {
                written += bytes;
                notifyAll();
            }
        }
    }

    private void write(byte[] lines, int bytes, long lost) {
        try {
            if (broken) {
                out.write('\n');
            }
            out.write(lines, 0, bytes);
            if (lost > 0) {
                out.write(droppedLine.apply(lost));
            }
            out.flush();
            broken = false;
        } catch (IOException | RuntimeException | OutOfMemoryError e) {
            // A full disk, a pipe without a reader. There is no other place to say so, and the next line may pass.
            broken = true;
            synchronized (this) {
                dropped += lost + lines(lines, bytes);
            }
        }
    }

    private static int lines(byte[] text, int bytes) {
        int lines = 0;
        for (int i = 0; i < bytes; i++) {
            lines += text[i] == '\n' ? 1 : 0;
        }
        return lines;
    }
}
