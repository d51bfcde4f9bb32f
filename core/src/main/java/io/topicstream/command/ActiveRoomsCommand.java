package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.people.Presence;
import io.topicstream.people.RoomTopic;
import io.topicstream.protocol.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Lists the rooms in which somebody is, as far as the caller may see who is there. Thread-safe.
final class ActiveRoomsCommand {
    private static final int PAGE = 500;
    /// What a room of the list has beside its topic's name, at most: names of members and a number.
    private static final int ROOM_BYTES = 64;

    private final Presence presence;

    ActiveRoomsCommand(Presence presence) {
        this.presence = presence;
    }

    /// The list, as much of it as so many bytes hold.
    CompletionStage<Result<Query.ActiveRoomList>> run(Caller caller, Query.ActiveRooms asked, int maxBytes) {
        List<Query.ActiveRoom> rooms = new ArrayList<>();
        return Result.of(
                collect(caller.identity(), "", maxBytes, rooms)
                        .thenApply(_ -> new Query.ActiveRoomList(asked.id(), rooms)),
                null);
    }

    private CompletionStage<Boolean> collect(Identity who, String after, int maxBytes, List<Query.ActiveRoom> rooms) {
        return presence.crowds(RoomTopic.PREFIX, after, PAGE).thenCompose(page -> {
            int left = maxBytes;
            for (Presence.Crowd crowd : page.crowds()) {
                left -= ROOM_BYTES + crowd.topic().value().length();
                if (left < 0) {
                    return CompletableFuture.completedFuture(false);
                }
                if (crowd.connections() > 0 && who.may(Permission.PRESENCE, crowd.topic())) {
                    rooms.add(new Query.ActiveRoom(crowd.topic(), crowd.connections()));
                }
            }
            String next = page.next();
            return next == null ? CompletableFuture.completedFuture(true) : collect(who, next, left, rooms);
        });
    }
}
