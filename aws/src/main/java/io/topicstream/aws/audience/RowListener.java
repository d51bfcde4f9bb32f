package io.topicstream.aws.audience;

import io.topicstream.aws.audience.Connection.Phase;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.From;
import io.topicstream.protocol.WireFormat;
import io.topicstream.topic.Encoded;
import io.topicstream.topic.Encoding;
import io.topicstream.topic.Listener;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/// A connection, restored for one frame: what it listens to stands in its row. Nobody writes to it; the fan-out posts
/// to its connection id. Owned by the thread of its run.
final class RowListener extends Listener {
    private final ConnectionRows rows;
    private ConnectionRows.Row row;
    private From newest = From.NEW;

    RowListener(ConnectionRows.Row row, ConnectionRows rows) {
        super(row.connection().id());
        this.row = row;
        this.rows = rows;
    }

    /// The connection, as this run knows it.
    Connection connection() {
        return row.connection();
    }

    /// Takes as new what was published since this time, in epoch milliseconds.
    void startFrom(long timestamp) {
        newest = new From.Time(timestamp);
    }

    /// Where a subscription begins that asks for what is new.
    From newest() {
        return newest;
    }

    /// Changes the connection, and its row if that changes something.
    ///
    /// @return false where it has ended
    boolean change(UnaryOperator<Connection> change) {
        ConnectionRows.Row changed = rows.change(row, change);
        if (changed == null) {
            row = new ConnectionRows.Row(connection().in(Phase.ENDED), row.version());
            return false;
        }
        row = changed;
        return true;
    }

    /// From now on it listens to the topics.
    ///
    /// @param topics each with the shard in which it is to stand, where it does not stand in one already
    /// @return false where the connection has ended
    boolean enter(Map<TopicName, Integer> topics) {
        return change(connection -> connection.listeningTo(topics));
    }

    /// The shard in which it listens to the topic.
    int shard(TopicName topic) {
        return Objects.requireNonNull(connection().topics().get(topic), "it does not listen to that");
    }

    /// It listens to the topic no more.
    void leave(TopicName topic) {
        change(connection -> connection.notListeningTo(topic));
    }

    /// The form in which the fan-out posts to it.
    WireFormat format() {
        return connection().session().format();
    }

    @Override
    public int subscriptionCount() {
        return connection().topics().size();
    }

    @Override
    public List<TopicName> topics() {
        return List.copyOf(connection().topics().keySet());
    }

    @Override
    public boolean listensTo(TopicName topic) {
        return connection().topics().containsKey(topic);
    }

    @Override
    public void markMembership(TopicName topic) {
        // Who hears a hint looks up what it says; nothing is remembered.
    }

    @Override
    public boolean hears(TopicName topic) {
        // That stands in the rows of presence.
        return false;
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
    protected void onReset(TopicName topic, long epoch, long commonOffset) {
        throw noLane();
    }

    @Override
    protected void onTruncated(TopicName topic, long epoch, long firstOffset) {
        throw noLane();
    }
}
