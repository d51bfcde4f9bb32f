package io.topicstream.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// TLS on another socket. It is connected when the handshake is done, so that nobody else has to know of it; the work
/// that the engine would give to other threads is done on the loop's.
final class TlsLoadSocket extends LoadSocket {
    /// More than any record has, whose text is 16 KiB at most (RFC 8446, 5.2).
    private static final int MOST_RECORD_BYTES = 17 << 10;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final LoadSocket plain;
    private final SSLEngine engine;
    private final TlsClient shared;
    /// The part of a record that has come.
    private final Leftover unread = new Leftover();
    /// Records, or a part of one, that the socket did not take.
    private final Leftover unsent = new Leftover();
    /// Plain bytes within what is unsent; they count as sent when it has gone.
    private int owed;
    private boolean connected;
    private boolean ended;

    TlsLoadSocket(LoadSocket plain, SSLEngine engine, TlsClient shared) {
        this.plain = plain;
        this.engine = engine;
        this.shared = shared;
    }

    @Override
    void receiveBuffer(int bytes) throws IOException {
        plain.receiveBuffer(bytes);
    }

    @Override
    boolean connect(InetSocketAddress target, @Nullable InetSocketAddress source) throws IOException {
        // Connected at once or not, it becomes writable, and then the handshake begins.
        boolean _ = plain.connect(target, source);
        return false;
    }

    @Override
    boolean finishConnect() throws IOException {
        if (!connected) {
            if (!plain.finishConnect()) {
                return false;
            }
            connected = true;
            engine.beginHandshake();
            answer();
        } else {
            if (unsent.count() > 0) {
                answer();
            }
            int bytes = receive(shared.nothing, 0, shared.nothing.capacity());
            if (bytes != 0) {
                throw new IOException(
                        bytes < 0
                                ? "closed by the server during the TLS handshake"
                                : "the server spoke before it was asked");
            }
        }
        if (engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING && unsent.count() == 0) {
            return true;
        }
        plain.want(true, unsent.count() > 0);
        return false;
    }

    // ---- receiving

    @Override
    int receive(ByteBuffer into, int from, int to) throws IOException {
        ByteBuffer in = shared.in;
        int had = unread.restore(in.clear());
        // Plain bytes are fewer than those of their records, but the engine wants room even for a record of which only
        // the first part has come.
        int most = Math.min(in.capacity(), to - from - MOST_RECORD_BYTES);
        if (had >= most) {
            throw new SSLException("no room for a record");
        }
        int read = plain.receive(in, had, most);
        if (read < 0 || ended) {
            return -1;
        }
        int end = had + read;
        in.limit(end).position(0);
        into.limit(to).position(from);
        unwrap(in, into);
        unread.keep(in.limit(end), in.position(), end);
        int bytes = into.position() - from;
        into.clear();
        return bytes == 0 && ended ? -1 : bytes;
    }

    private void unwrap(ByteBuffer in, ByteBuffer into) throws IOException {
        while (in.hasRemaining() && !ended) {
            SSLEngineResult result = engine.unwrap(in, into);
            switch (result.getStatus()) {
                case OK -> {}
                case BUFFER_UNDERFLOW -> {
                    return;
                }
                case BUFFER_OVERFLOW -> throw new SSLException("no room for a record");
                case CLOSED -> ended = true;
            }
            if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                runTasks();
            }
            if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && !ended) {
                answer();
            }
        }
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    // ---- sending

    /// Sends what is left, and what the engine itself has to say.
    private void answer() throws IOException {
        ByteBuffer out = restored();
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            wrap(NOTHING, out);
        }
        transmit(out);
    }

    @Override
    int send(ByteBuffer bytes, int from, int to) throws IOException {
        if (unsent.count() > 0 && !transmit(restored())) {
            return 0;
        }
        // The caller comes again with the bytes that did not count as sent, and they are on their way.
        int sent = owed;
        owed = 0;
        bytes.limit(to).position(from + sent);
        while (bytes.hasRemaining()) {
            ByteBuffer out = shared.out.clear();
            int record = wrap(bytes, out);
            if (!transmit(out)) {
                owed = record;
                break;
            }
            sent += record;
        }
        bytes.clear();
        return sent;
    }

    private ByteBuffer restored() {
        ByteBuffer out = shared.out.clear();
        return out.position(unsent.restore(out));
    }

    /// Appends one record.
    ///
    /// @return how many plain bytes are in it
    private int wrap(ByteBuffer bytes, ByteBuffer out) throws IOException {
        SSLEngineResult result = engine.wrap(bytes, out);
        if (result.getStatus() != SSLEngineResult.Status.OK) {
            throw new SSLException("no record can be written: " + result.getStatus());
        }
        if (result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
            runTasks();
        }
        return result.bytesConsumed();
    }

    /// Writes the records that stand before the buffer's position, and keeps what the socket does not take.
    ///
    /// @return whether it took all
    private boolean transmit(ByteBuffer out) throws IOException {
        int end = out.position();
        int from = 0;
        while (from < end) {
            int written = plain.send(out, from, end);
            if (written <= 0) {
                break;
            }
            from += written;
        }
        unsent.keep(out.clear(), from, end);
        return from == end;
    }

    // ---- the rest is the socket's own

    @Override
    void want(boolean readable, boolean writable) {
        plain.want(readable, writable);
    }

    @Override
    void shut() {
        plain.shut();
    }
}
