package io.topicstream.cli;

import io.topicstream.cli.FunctionRecorder.Event;
import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.json.JsonLocation;
import io.topicstream.json.JsonWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// What stands behind the one function of the chat's template: it tells a bus what happened, and from there a
/// workflow posts to every connection but those of the sender.
final class ChatBackEnd implements FunctionRecorder.Handler {
    private static final int MOST = 150;

    final AtomicReference<@Nullable RunningGateway> gateway = new AtomicReference<>();
    private final List<String> bus = new CopyOnWriteArrayList<>();
    private final Tables tables;

    ChatBackEnd(Tables tables) {
        this.tables = tables;
    }

    /// What came to the bus.
    List<String> bus() {
        return List.copyOf(bus);
    }

    @Override
    public String answer(Event event) throws Exception {
        String id = event.connectionId();
        switch (event.routeKey()) {
            case "$connect" -> {
                tables.put(
                        id,
                        Map.of("clientId", event.at("queryStringParameters.clientId"), "sender", "User" + bus.size()));
                publish("CONNECTION_ESTABLISHED", id, "$connect", "User has joined the chat");
            }
            case "$disconnect" -> {
                tables.delete(id);
                publish("CONNECTION_CLOSED", id, "$disconnect", "User has left the chat");
            }
            case "sendMessage" -> {
                JsonBody message = event.message();
                String content = message.at(JsonLocation.parse("content")).text();
                if (!content.isEmpty() && content.length() <= MOST) {
                    publish("MESSAGE_SENT", id, "sendMessage", content);
                }
            }
            default -> {}
        }
        return FunctionRecorder.result(200, "");
    }

    private void publish(String type, String id, String action, String content) {
        bus.add(type);
        var _ = CompletableFuture.runAsync(
                () -> distribute(type, id, action, content),
                CompletableFuture.delayedExecutor(50, TimeUnit.MILLISECONDS));
    }

    /// The workflow. What is gone is passed over.
    private void distribute(String type, String id, String action, String content) {
        RunningGateway running = gateway.get();
        if (running == null) {
            return;
        }
        try {
            Map<String, Map<String, String>> all = tables.all();
            Map<String, String> self = all.getOrDefault(id, Map.of());
            String own = self.getOrDefault("clientId", "");
            String frame = "{\"action\":\"" + action + "\",\"content\":" + new JsonWriter().string(content)
                    + ",\"sender\":\"" + (type.equals("MESSAGE_SENT") ? "User" : "System") + "\"}";
            for (Map.Entry<String, Map<String, String>> one : all.entrySet()) {
                boolean isSenders = type.equals("MESSAGE_SENT")
                        && !own.isEmpty()
                        && own.equals(one.getValue().get("clientId"));
                // The newcomer's own handshake may still be on its way: a bus takes longer than this.
                for (int attempt = 0; !isSenders && attempt < 100; attempt++) {
                    if (running.post(one.getKey(), frame) != 410
                            || !one.getKey().equals(id)) {
                        break;
                    }
                    Thread.sleep(20);
                }
            }
        } catch (Exception e) {
            bus.add("failed: " + e);
        }
    }
}
