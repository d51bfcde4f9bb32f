package io.topicstream.server.websocket;

import io.netty.buffer.ByteBuf;
import io.topicstream.connection.ConnectionInfo;
import io.topicstream.connection.OpenConnection;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.server.delivery.LaneFront;
import io.topicstream.server.delivery.SocketSession;
import io.topicstream.session.SessionRecord;
import io.topicstream.transport.Utf8;
import io.topicstream.transport.WebSocketConnection;
import io.topicstream.transport.WebSocketFrames;
import io.topicstream.transport.WebSocketListener;

/// One client's WebSocket on a stage of the server: every frame is one of its session. Owned by its event loop.
final class ClientConnection extends SocketSession implements WebSocketListener, OpenConnection {
    private boolean draining;
    /// In seconds, as an unsigned number of 32 bits: there may be very many of these objects.
    private int connectedAtS;

    ClientConnection(LaneFront front, SessionRecord record) {
        super(front, record);
    }

    // ---- the socket

    @Override
    public void onOpen(WebSocketConnection connection) {
        connectedAtS = (int) (nowMs() / 1000);
        greet(connection);
        front().connections().add(this);
        begin();
    }

    @Override
    public void onText(byte[] buffer, int from, int to) {
        take(buffer, from, to);
    }

    @Override
    public void onBinary(byte[] buffer, int from, int to) {
        close(1003, "frames are text");
    }

    @Override
    public void onReadComplete() {
        // The transport flushes after this.
        push();
    }

    @Override
    public void onWritabilityChanged(boolean writable) {
        if (writable) {
            onWritable();
        }
    }

    @Override
    public void onTick(long nowNs) {
        session().lookAtRights();
    }

    @Override
    public void onDraining(int withinMs) {
        // What has come is answered, nothing more is taken: so no publish is cut off in between.
        draining = true;
        setReading(false);
        send(new ServerFrame.Draining(withinMs));
        lane().flush();
    }

    @Override
    public void onClosed(int code, String reason) {
        closed();
        front().connections().remove(this, code, reason);
        session().end();
    }

    @Override
    public void setReading(boolean reading) {
        WebSocketConnection open = outlet();
        if (open == null) {
            return;
        }
        if (reading && !draining) {
            open.resumeReading();
        } else {
            open.pauseReading();
        }
    }

    // ---- OpenConnection

    @Override
    public boolean post(byte[] text) {
        if (!hasRoom()) {
            return false;
        }
        WebSocketConnection open = outlet();
        if (open == null || Utf8.isValid(text, 0, text.length)) {
            say(text);
        } else {
            push();
            ByteBuf frame = open.channel().alloc().ioBuffer(WebSocketFrames.MAX_HEADER_BYTES + text.length);
            WebSocketFrames.writeBinaryHeader(frame, text.length);
            open.write(frame.writeBytes(text));
            open.flush();
        }
        return true;
    }

    @Override
    public String stage() {
        return session().record().stage();
    }

    @Override
    public ConnectionInfo info() {
        SessionRecord record = session().record();
        WebSocketConnection open = outlet();
        return new ConnectionInfo(
                record.connectionId(),
                record.identity().user(),
                record.address().getHostAddress(),
                Integer.toUnsignedLong(connectedAtS) * 1000,
                nowMs() - (open == null ? 0 : open.silentMs()));
    }
}
