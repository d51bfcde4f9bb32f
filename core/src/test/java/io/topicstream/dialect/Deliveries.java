package io.topicstream.dialect;

import io.topicstream.json.JsonWriter;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.List;

/// What a dialect makes of messages, WebSocket message by WebSocket message.
final class Deliveries implements Dialect.DeliveryOutput {
    private final JsonWriter json = new JsonWriter();
    private final List<String> texts = new ArrayList<>();

    private Deliveries() {}

    static List<String> of(Dialect dialect, TopicName topic, List<Message> messages, boolean arrays) {
        Deliveries deliveries = new Deliveries();
        dialect.encodeDelivery(topic, messages, arrays, deliveries);
        return deliveries.texts;
    }

    @Override
    public JsonWriter json() {
        return json;
    }

    @Override
    public void endOfMessage() {
        texts.add(json.toString());
        json.reset();
    }
}
