package io.topicstream.log;

/// How safe a message is when it is acknowledged and delivered.
public enum Durability {
    /// Synced to disk (or as safe as the shared store makes it): survives a power cut.
    DISK,
    /// Written to the operating system: survives the process, not a power cut.
    OS,
    /// In memory: survives nothing.
    MEMORY;

    /// The name on the wire and in the configuration: `disk`, `os`, `memory`.
    public String wireName() {
        return switch (this) {
            case DISK -> "disk";
            case OS -> "os";
            case MEMORY -> "memory";
        };
    }
}
