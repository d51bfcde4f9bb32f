package io.topicstream.server.gateway;

import io.topicstream.server.delivery.LaneFront;
import io.topicstream.server.delivery.SocketSession;
import io.topicstream.session.SessionRecord;
import io.topicstream.transport.WebSocketConnection;

/// The session of a gateway connection: its frames come from routes of the API, and it writes to the connection's
/// socket beside the other back ends. Owned by its event loop.
final class TopicSession extends SocketSession {
    private final Talk talk;

    TopicSession(LaneFront front, SessionRecord record, Talk talk) {
        super(front, record);
        this.talk = talk;
    }

    /// The socket is open: greets the client.
    void start(WebSocketConnection socket) {
        greet(socket);
        begin();
    }

    /// Writes to the socket from now on, without a greeting: for one that only refuses.
    void startSilently(WebSocketConnection socket) {
        open(socket);
    }

    /// Takes a frame.
    void take(byte[] frame) {
        take(frame, 0, frame.length);
    }

    /// The socket takes bytes again.
    void onSocketWritable() {
        onWritable();
    }

    /// Gives the socket what was said.
    void pushSaid() {
        push();
    }

    /// About once a second.
    void onTick() {
        session().lookAtRights();
    }

    /// The socket is closed: nothing is said any more.
    void onSocketClosed() {
        closed();
    }

    /// What the session does not read waits in front of it; the socket is the gateway's.
    @Override
    public void setReading(boolean reading) {
        talk.setReading(reading);
    }

    @Override
    protected void onSending() {
        talk.onSending();
    }
}
