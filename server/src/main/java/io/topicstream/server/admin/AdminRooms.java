package io.topicstream.server.admin;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.command.Refusal;
import io.topicstream.http.Access;
import io.topicstream.http.AnswerWriter;
import io.topicstream.http.Exchange;
import io.topicstream.http.RoomRoutes;
import io.topicstream.http.Route;
import io.topicstream.log.TopicName;
import io.topicstream.people.RoomDeletions;
import io.topicstream.people.Rooms;
import io.topicstream.protocol.ErrorCode;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// The route `/admin/rooms/{room}`: delete a room, no matter whose it is. For the administrator.
public final class AdminRooms {
    private static final System.Logger LOGGER = System.getLogger(AdminRooms.class.getName());

    private static final byte[] TOPIC = ascii("{\"topic\":");
    private static final byte[] DELETED = ascii(",\"deleted\":true}");

    private final Rooms rooms;
    private final RoomDeletions deletions;

    public AdminRooms(Rooms rooms, RoomDeletions deletions) {
        this.rooms = rooms;
        this.deletions = deletions;
    }

    /// The route.
    public List<Route> routes() {
        return List.of(new Route("DELETE", "/admin/rooms/{room}", Access.ADMIN, this::delete));
    }

    /// `DELETE /admin/rooms/{room}`
    private void delete(Exchange exchange) {
        if (exchange.refusesParametersBut()) {
            return;
        }
        TopicName topic = RoomRoutes.topicOrNull(exchange);
        if (topic == null) {
            exchange.refusePrivately(ErrorCode.BAD_TOPIC, TopicName.RULE);
            return;
        }
        exchange.whenChanged(
                rooms.find(topic)
                        .thenCompose(room -> room == null
                                ? CompletableFuture.completedFuture(false)
                                : deletions.delete(topic, room).thenApply(_ -> true)),
                (deleted, failure) -> {
                    if (deleted == null) {
                        exchange.refusePrivately(Refusal.unavailable());
                    } else if (!deleted) {
                        exchange.refusePrivately(ErrorCode.NOT_FOUND, "nobody has made this room");
                    } else {
                        LOGGER.log(
                                System.Logger.Level.INFO,
                                "a room was deleted, by the administrator from "
                                        + exchange.credentials().address().getHostAddress());
                        AnswerWriter answer = exchange.lane().answer().beginPrivate();
                        answer.body().raw(TOPIC).string(topic.value()).raw(DELETED);
                        answer.send(exchange, 200);
                    }
                });
    }
}
