package io.topicstream.session;

import io.topicstream.log.Deadlines;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicName;
import io.topicstream.topic.Audience;

/// What a session has around it: its audience, the lane on which the log answers it, and the other
/// connections of its user. In a process it is [LaneSessions], one per lane, where sessions stay; a
/// front door without a memory makes one for each frame. Called on the session's own thread.
public interface Sessions {
    /// Who listens.
    Audience audience();

    /// Where the log answers.
    Lane lane();

    /// A connection begins. From here on what is said to its user is said to it, and with
    /// `joinDurable` it is in the audiences of the user's durable subscriptions when that is answered.
    ///
    /// @param answer told once, on the session's own thread
    void open(Session session, boolean joinDurable, Opened answer);

    /// A connection has ended.
    void closed(Session session);

    /// The session has claimed a name, or has lost the one that it had claimed.
    void renamed(Session session);

    /// A change of the user's durable subscriptions through this session has taken effect, or was refused:
    /// what the store said of the topic before may no longer hold.
    void changedDurably(Session session, TopicName topic);

    /// The session's connection left a topic that stays its user's: it is not to be put back by itself.
    void leftAlone(Session session, TopicName topic);

    /// What is waited for on the session's own thread.
    Deadlines deadlines();
}
