package io.topicstream.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What one client of a [SocketSwarm] hears of one topic: it throws as soon as a message comes that is
/// not the one that is due, so that a test only has to wait until all have come.
public final class Deliveries implements SocketSwarm.Reader {
    private static final byte[] MESSAGE = "{\"type\":\"message\"".getBytes(US_ASCII);
    private static final byte[] OFFSET = "\"offset\":".getBytes(US_ASCII);
    private static final byte[] PAYLOAD = "\"message\":".getBytes(US_ASCII);
    private static final long PATIENCE_SECONDS = 60;

    private final BlockingQueue<String> others = new LinkedBlockingQueue<>();
    private volatile boolean subscribed;
    private volatile long from;
    private volatile long next;
    private volatile long hash;
    private volatile int closeCode;

    /// Subscribes to what comes from now on, and waits for the answer.
    public Deliveries subscribe(SocketSwarm.Socket socket, String topic) {
        return subscribe(socket, topic, 0);
    }

    /// The same from an offset on, of which there must be a message.
    public Deliveries subscribe(SocketSwarm.Socket socket, String topic, long offset) {
        enqueueSubscribe(socket, topic, offset);
        other("\"id\":\"s\"");
        return this;
    }

    /// The same without waiting. What comes before the answer must still be what was due before.
    public void enqueueSubscribe(SocketSwarm.Socket socket, String topic, long offset) {
        from = offset;
        socket.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"" + topic + "\""
                + (offset == 0 ? "" : ",\"from\":" + offset) + "}");
    }

    @Override
    public void onText(SocketSwarm.Socket socket, byte[] buffer, int start, int end) {
        if (!startsWith(buffer, start, end, MESSAGE)) {
            String text = new String(buffer, start, end - start, UTF_8);
            if (text.contains("\"id\":\"s\"")) {
                if (!text.contains("\"recovered\":true")) {
                    throw new AssertionError("not subscribed but " + text);
                }
                next = from == 0 ? JsonTexts.number(text, "next_offset") : from;
                subscribed = true;
            }
            others.add(text);
            return;
        }
        int at = after(buffer, start, end, OFFSET);
        long offset = 0;
        while (buffer[at] >= '0' && buffer[at] <= '9') {
            offset = offset * 10 + buffer[at++] - '0';
        }
        if (!subscribed || offset != next) {
            throw new AssertionError("offset " + offset + " came where " + next + " was due");
        }
        long chain = hash;
        for (int i = after(buffer, at, end, PAYLOAD); i < end; i++) {
            chain = chain * 31 + buffer[i];
        }
        hash = chain;
        next = offset + 1;
    }

    @Override
    public void onClosed(SocketSwarm.Socket socket, int code) {
        closeCode = code;
    }

    private static boolean startsWith(byte[] buffer, int start, int end, byte[] text) {
        if (end - start < text.length) {
            return false;
        }
        for (int i = 0; i < text.length; i++) {
            if (buffer[start + i] != text[i]) {
                return false;
            }
        }
        return true;
    }

    private static int after(byte[] buffer, int start, int end, byte[] text) {
        for (int at = start; at <= end - text.length; at++) {
            if (startsWith(buffer, at, end, text)) {
                return at + text.length;
            }
        }
        throw new AssertionError("no " + new String(text, US_ASCII) + " in "
                + new String(buffer, start, Math.min(end - start, 200), UTF_8));
    }

    /// The offset that is due.
    public long next() {
        return next;
    }

    /// Of the payloads so far, in their order.
    public long hash() {
        return hash;
    }

    /// The code of the connection's end, 0 while it is open.
    public int closeCode() {
        return closeCode;
    }

    /// The next frame that is no message and contains the text.
    public String other(String text) {
        try {
            @Nullable String frame = others.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            while (frame != null && !frame.contains(text)) {
                frame = others.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
            if (frame == null) {
                throw new AssertionError("no frame with " + text + "; closed: " + closeCode);
            }
            return frame;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
