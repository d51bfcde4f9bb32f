package io.topicstream.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A piece of the list of rooms.
///
/// @param rooms by topic
/// @param next what the next page starts after, or null at the end
public record RoomPage(List<Room> rooms, @Nullable String next) {
    public RoomPage {
        rooms = List.copyOf(rooms);
    }
}
