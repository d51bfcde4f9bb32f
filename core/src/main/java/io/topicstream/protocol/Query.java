package io.topicstream.protocol;

import io.topicstream.log.Direction;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A frame that only asks. Each stands here beside its answer, so that a new one is a matter of one place.
///
/// The answer may be large, so only a few queries of a connection run at once. One without an `id`, which nobody
/// could be answered, is not run at all.
public sealed interface Query extends ClientFrame {
    /// For numbers that were not given.
    long NOT_GIVEN = -1;

    /// What a query is answered with.
    sealed interface Answer extends ServerFrame.Reply {}

    /// Read a page of a topic's messages; at most one of `after` and `before` is given.
    ///
    /// @param after an offset, exclusive, or [#NOT_GIVEN]
    /// @param before an offset, exclusive, or [#NOT_GIVEN]
    /// @param since when the first one was committed at the earliest, epoch milliseconds, or [#NOT_GIVEN]
    /// @param until before when the last one was committed, epoch milliseconds, or [#NOT_GIVEN]
    /// @param limit 0 to 1,000 messages
    /// @param fold whether edits and reactions are put together with the messages that they are about
    record Read(
            byte @Nullable [] id,
            TopicName topic,
            long after,
            long before,
            long since,
            long until,
            int limit,
            boolean fold)
            implements Query {
        /// As they are in the log.
        public Read(byte @Nullable [] id, TopicName topic, long after, long before, long since, long until, int limit) {
            this(id, topic, after, before, since, until, limit, false);
        }

        /// At any time.
        public Read(byte @Nullable [] id, TopicName topic, long after, long before, int limit) {
            this(id, topic, after, before, NOT_GIVEN, NOT_GIVEN, limit);
        }

        /// Which way the page is read: from where it begins if that was said, else from where it ends.
        public Direction direction() {
            return before == NOT_GIVEN && (after != NOT_GIVEN || since != NOT_GIVEN)
                    ? Direction.FORWARD
                    : Direction.BACKWARD;
        }

        /// Whether it asks for messages of a certain time.
        public boolean isByTime() {
            return since != NOT_GIVEN || until != NOT_GIVEN;
        }

        /// As much of the page as fits into an answer of so many bytes, never less than one message.
        public ReadPage answer(Page page, int maxBytes) {
            return new ReadPage(id, topic, page.extent(), ReplySize.fitting(page.messages(), direction(), maxBytes));
        }
    }

    /// The answer to [Read].
    ///
    /// @param messages ascending
    record ReadPage(byte @Nullable [] id, TopicName topic, Extent extent, List<Message> messages) implements Answer {}

    /// The answer to a [Read] that folds.
    ///
    /// @param messages ascending, without edits and reactions
    /// @param first the first offset of the piece of the log that was looked at
    /// @param last the last one; `first` - 1 where there was nothing
    record FoldedPage(
            byte @Nullable [] id, TopicName topic, Extent extent, List<Folded> messages, long first, long last)
            implements Answer {}

    /// List topics.
    ///
    /// @param limit 1 to 1,000
    record Topics(byte @Nullable [] id, String prefix, int limit, String startAfter) implements Query {}

    /// The answer to [Topics].
    ///
    /// @param next the name after which the list goes on, or null at the end
    record TopicList(
            byte @Nullable [] id,
            List<TopicExtent> topics,
            @Nullable String next) implements Answer {}

    /// Who is in a topic.
    ///
    /// @param limit 1 to 1,000
    /// @param startAfter the `next` of the answer before, or empty
    record Members(byte @Nullable [] id, TopicName topic, int limit, String startAfter) implements Query {}

    /// One user who is in a topic.
    ///
    /// @param user null for an anonymous client without an id
    /// @param connections how many
    /// @param since epoch milliseconds
    record Member(@Nullable String user, @Nullable String name, int connections, long since) {}

    /// The answer to [Members].
    ///
    /// @param count of all users who are in it
    /// @param next after which the list goes on, or null at the end
    record MemberList(
            byte @Nullable [] id,
            TopicName topic,
            List<Member> members,
            long count,
            @Nullable String next) implements Answer {}

    /// Which of these users are online.
    ///
    /// @param users at most [#MAX_USERS] ids
    record Online(byte @Nullable [] id, List<String> users) implements Query {}

    /// The most users of an [Online].
    int MAX_USERS = 500;

    /// Whether a user is online.
    ///
    /// @param lastSeen epoch milliseconds when the last connection ended; null where it is not known
    record OnlineUser(String user, boolean online, @Nullable Long lastSeen) {}

    /// The answer to [Online], in the order of the question.
    record OnlineList(byte @Nullable [] id, List<OnlineUser> users) implements Answer {}

    /// How far the caller has come in these topics; answered by name.
    ///
    /// @param topics at most [#MAX_TOPICS]; null for all that belong to the caller, or in which it has acknowledged
    ///     something
    /// @param limit 1 to 1,000
    /// @param startAfter the `next` of the answer before, or empty: only of topics whose names come after it
    record Cursors(byte @Nullable [] id, @Nullable List<TopicName> topics, int limit, String startAfter)
            implements Query {}

    /// The most topics of a [Cursors].
    int MAX_TOPICS = 500;

    /// How far a user has come in a topic.
    ///
    /// @param delivered the last offset that has arrived; 0 for none
    /// @param read the last offset that was read; 0 for none
    /// @param nextOffset of the topic
    record Cursor(TopicName topic, long delivered, long read, long nextOffset) {
        /// How many messages the user has not read.
        public long unread() {
            return Math.max(0, nextOffset - 1 - read);
        }
    }

    /// The answer to [Cursors].
    ///
    /// @param next after which the list goes on, or null at the end
    record CursorList(
            byte @Nullable [] id,
            List<Cursor> cursors,
            @Nullable String next) implements Answer {}

    /// In which rooms somebody is, with how many connections.
    record ActiveRooms(byte @Nullable [] id) implements Query {}

    /// A room in which somebody is.
    ///
    /// @param connections that are in it
    record ActiveRoom(TopicName topic, long connections) {}

    /// The answer to [ActiveRooms], by the names of their topics.
    record ActiveRoomList(byte @Nullable [] id, List<ActiveRoom> rooms) implements Answer {}

    /// Which rooms there are.
    ///
    /// @param owner whose, or null for all
    /// @param limit 1 to 1,000
    record Rooms(byte @Nullable [] id, @Nullable String owner, String prefix, int limit, String startAfter)
            implements Query {}

    /// A room.
    ///
    /// @param owner the user's id; null where nobody has made it and it is only used
    /// @param created epoch milliseconds; null where nobody has made it
    /// @param members how many users are in it
    /// @param presence its own policy of that, or null where it has none
    record Room(
            TopicName topic,
            @Nullable String title,
            @Nullable String owner,
            @Nullable Long created,
            long members,
            @Nullable String presence) {}

    /// The answer to [Rooms].
    ///
    /// @param next the name after which the list goes on, or null at the end
    record RoomList(
            byte @Nullable [] id,
            List<Room> rooms,
            @Nullable String next) implements Answer {}
}
