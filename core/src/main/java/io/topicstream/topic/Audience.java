package io.topicstream.topic;

import io.topicstream.log.TopicName;
import io.topicstream.protocol.From;
import org.jspecify.annotations.Nullable;

/// The port to who listens. In a process it is the [DeliveryLane] of the listener's event loop;
/// serverless it is rows beside the log. Called on the listener's own thread.
public interface Audience {
    /// Puts the listener into the topic's audience; then messages follow from there, in order,
    /// without gap or duplicate. One who is in it already starts again at `from`, or with null
    /// stays where it is.
    void join(Listener listener, TopicName topic, @Nullable From from, JoinReply reply);

    /// Runs the task once the listener hears what is said to the topic and not kept: at once where it does. One that
    /// is behind the log hears it later; then, and where it leaves meanwhile, the task is run after a bounded wait.
    void whenHearing(Listener listener, TopicName topic, Runnable task);

    /// Takes the listener out. No message of the topic follows.
    ///
    /// @return whether it was in
    boolean leave(Listener listener, TopicName topic);

    /// Says what the listener has to do with the presence in a topic that it listens to. Until then that is
    /// nothing; where it starts again elsewhere in the topic it stays. Without effect where it does not listen.
    void attend(Listener listener, TopicName topic, Attendance attendance);

    /// Takes the listener out of all its audiences, when its connection has ended.
    void leaveAll(Listener listener);
}
