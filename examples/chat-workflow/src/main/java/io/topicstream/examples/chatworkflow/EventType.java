package io.topicstream.examples.chatworkflow;

import org.jspecify.annotations.Nullable;

/// What may happen in the chat, as an event names it. Others may stand on the same topic: they are none of ours.
enum EventType {
    CONNECTION_ESTABLISHED("$connect"),
    CONNECTION_CLOSED("$disconnect"),
    MESSAGE_SENT("sendMessage");

    private final String action;

    EventType(String action) {
        this.action = action;
    }

    /// The action of what clients receive.
    String action() {
        return action;
    }

    /// The type of a name, or null.
    static @Nullable EventType of(@Nullable String name) {
        for (EventType type : values()) {
            if (type.name().equals(name)) {
                return type;
            }
        }
        return null;
    }
}
