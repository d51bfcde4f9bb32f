package io.topicstream.client;

import java.util.List;

/// What a reply tells beside messages and positions. Which kind it is shows in its members.
sealed interface Told {
    Nothing NOTHING = new Nothing();

    record Nothing() implements Told {}

    /// A message to one user is stored.
    record Sent(String topic, boolean online) implements Told {}

    record Named(String name) implements Told {}

    record RoomPut(Room room) implements Told {}

    record Members(MemberPage page) implements Told {}

    record Online(List<OnlineUser> users) implements Told {}

    record Cursors(CursorPage page) implements Told {}

    record Rooms(RoomPage page) implements Told {}

    /// A page whose messages come with what was said about them.
    record Folded(FoldedPage page) implements Told {}
}
