package io.topicstream.cli;

import io.topicstream.cli.FunctionRecorder.Event;
import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.json.JsonLocation;
import io.topicstream.json.JsonWriter;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// What the functions of the rooms' templates do: rooms to chat in, whose members are kept in a table.
///
/// As it was published, the function of `$connect` posts its welcome before the handshake has ended, which cannot
/// work: that is what [#welcomesTooEarly] is about.
final class RoomsBackEnd implements FunctionRecorder.Handler {
    final AtomicReference<@Nullable RunningGateway> gateway = new AtomicReference<>();
    private final Tables tables;
    private final boolean welcomesTooEarly;

    RoomsBackEnd(Tables tables, boolean welcomesTooEarly) {
        this.tables = tables;
        this.welcomesTooEarly = welcomesTooEarly;
    }

    @Override
    public String answer(Event event) throws Exception {
        return switch (event.at("requestContext.eventType")) {
            case "CONNECT" -> connect(event);
            case "DISCONNECT" -> {
                tables.delete(event.connectionId());
                yield FunctionRecorder.result(200, "");
            }
            default -> message(event, event.message());
        };
    }

    private String connect(Event event) throws Exception {
        String token = event.at("queryStringParameters.token");
        if (!token.isEmpty() && !token.startsWith("valid_")) {
            return FunctionRecorder.result(401, "Unauthorized");
        }
        String user = or(event.at("queryStringParameters.userId"), "anonymous");
        String room = or(event.at("queryStringParameters.roomId"), "general");
        tables.put(event.connectionId(), Map.of("userId", user, "roomId", room));
        if (welcomesTooEarly && post(event.connectionId(), frame("welcome", Map.of("roomId", room))) != 200) {
            return FunctionRecorder.result(500, "Failed to connect");
        }
        return FunctionRecorder.result(200, "Connected");
    }

    private String message(Event event, JsonBody message) throws Exception {
        Map<String, String> self = tables.all().getOrDefault(event.connectionId(), Map.of());
        String text = text(message, "message");
        switch (or(text(message, "type"), "chat")) {
            case "chat" -> {
                if (text.isBlank()) {
                    post(event.connectionId(), frame("error", Map.of("message", "Message cannot be empty")));
                } else {
                    String room = or(text(message, "roomId"), self.getOrDefault("roomId", ""));
                    toRoom(room, frame("chat", Map.of("roomId", room, "senderId", user(self), "message", text)));
                }
            }
            case "join_room" -> {
                String room = text(message, "roomId");
                tables.put(event.connectionId(), Map.of("userId", user(self), "roomId", room));
                toRoom(room, frame("user_joined", Map.of("userId", user(self), "roomId", room)));
            }
            default ->
                post(
                        event.connectionId(),
                        frame("error", Map.of("message", "Unknown message type: " + text(message, "type"))));
        }
        return FunctionRecorder.result(200, "");
    }

    private void toRoom(String room, String frame) throws Exception {
        for (Map.Entry<String, Map<String, String>> one : tables.all().entrySet()) {
            if (room.equals(one.getValue().get("roomId")) && post(one.getKey(), frame) == 410) {
                tables.delete(one.getKey());
            }
        }
    }

    private int post(String connectionId, String frame) throws Exception {
        RunningGateway running = gateway.get();
        return running == null ? 0 : running.post(connectionId, frame);
    }

    private static String user(Map<String, String> self) {
        return self.getOrDefault("userId", "");
    }

    private static String text(JsonBody message, String member) {
        return message.at(JsonLocation.parse(member)).text();
    }

    private static String or(String text, String otherwise) {
        return text.isEmpty() ? otherwise : text;
    }

    private static String frame(String type, Map<String, String> data) {
        StringBuilder members = new StringBuilder();
        data.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(one -> members.append(members.isEmpty() ? "" : ",")
                        .append(new JsonWriter().string(one.getKey()))
                        .append(':')
                        .append(new JsonWriter().string(one.getValue())));
        return "{\"type\":\"" + type + "\",\"data\":{" + members + "}}";
    }
}
