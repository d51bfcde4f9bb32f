package io.topicstream.aws.audience;

import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What another call of a function is to do. [TaskCodec] has how it is said to it. Done twice it does no harm.
public sealed interface Task {
    /// A connection was let in: wait until it is open, greet it, and let its messages come.
    ///
    /// @param subscriptions where its topics stood
    /// @param places those of them in which it was given a place
    record Greet(String connectionId, List<TopicExtent> subscriptions, List<Place> places) implements Task {}

    /// Something was appended, and a shard of the audience is to get it.
    record Deliver(TopicName topic, int shard) implements Task {}

    /// One listener is behind, and served alone.
    record CatchUp(TopicName topic, int shard, String connectionId) implements Task {}

    /// Something is said to a shard of the audience and not kept.
    ///
    /// @param signal as `Signal` encodes it
    record Say(TopicName topic, int shard, byte[] signal) implements Task {}

    /// A connection has got a place before it was greeted: let its messages come when it has been.
    record Begin(String connectionId, Place place) implements Task {}

    /// A user's connection has ended a while ago: it is seen no longer in these topics.
    ///
    /// @param user null for an anonymous connection
    record Forget(String connectionId, @Nullable String user, List<TopicName> topics) implements Task {}

    /// A place in an audience.
    ///
    /// @param epoch the life of the log in which the offset holds
    /// @param next the offset from which messages come
    /// @param version of its row, if nobody has changed it
    record Place(TopicName topic, int shard, long epoch, long next, long version) {}
}
