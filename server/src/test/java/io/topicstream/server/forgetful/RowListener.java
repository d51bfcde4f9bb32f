package io.topicstream.server.forgetful;

import io.topicstream.log.TopicName;
import io.topicstream.protocol.WireFormat;
import io.topicstream.session.SessionRecord;
import io.topicstream.topic.Encoded;
import io.topicstream.topic.Encoding;
import io.topicstream.topic.Listener;
import java.util.List;

/// A connection, restored for one frame: what it listens to stands in its rows. Nobody writes to it; the
/// fan-out posts to its connection id.
final class RowListener extends Listener {
    private final WireFormat format;
    private final ConnectionRows rows;

    RowListener(SessionRecord record, ConnectionRows rows) {
        super(record.connectionId());
        this.format = record.format();
        this.rows = rows;
    }

    /// The form in which the fan-out posts to it.
    WireFormat format() {
        return format;
    }

    @Override
    public int subscriptionCount() {
        return topics().size();
    }

    @Override
    public List<TopicName> topics() {
        return rows.topics(connectionId());
    }

    @Override
    public boolean listensTo(TopicName topic) {
        return rows.hasTopic(connectionId(), topic);
    }

    private static IllegalStateException noLane() {
        return new IllegalStateException("no lane serves this listener");
    }

    @Override
    protected Encoding encoding() {
        throw noLane();
    }

    @Override
    protected boolean isWritable() {
        throw noLane();
    }

    @Override
    protected boolean isDrained() {
        throw noLane();
    }

    @Override
    protected boolean offer(Encoded run) {
        throw noLane();
    }

    @Override
    protected void writePage(Encoded page, Runnable onSent) {
        throw noLane();
    }

    @Override
    public void markMembership(TopicName topic) {
        // Whoever hears a hint looks up what it says; nothing is remembered.
    }

    @Override
    protected void onReset(TopicName topic, long epoch, long commonOffset) {
        throw noLane();
    }

    @Override
    protected void onTruncated(TopicName topic, long epoch, long firstOffset) {
        throw noLane();
    }
}
