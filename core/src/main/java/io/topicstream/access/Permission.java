package io.topicstream.access;

/// What one may do on a topic.
public enum Permission {
    PUBLISH,
    SUBSCRIBE,
    READ,
    PRESENCE,
    /// Only ever given by name, never by default.
    ADMIN;

    /// The name in configuration and key records: lower case.
    public String wireName() {
        return switch (this) {
            case PUBLISH -> "publish";
            case SUBSCRIBE -> "subscribe";
            case READ -> "read";
            case PRESENCE -> "presence";
            case ADMIN -> "admin";
        };
    }
}
