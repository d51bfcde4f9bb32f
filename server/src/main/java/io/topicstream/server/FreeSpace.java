package io.topicstream.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/// How much is free on the disk of a directory. It is asked for on a thread of its own, because a disk that hangs
/// must not hold up who wants to know. Thread-safe.
final class FreeSpace {
    private static final long UNKNOWN = -1;

    private final Path directory;
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile long knownBytes = UNKNOWN;

    FreeSpace(Path directory) {
        this.directory = directory;
        look();
    }

    /// What was seen at the last look, in bytes, negative if nothing was; begins the next look.
    long lastKnownBytes() {
        long known = knownBytes;
        look();
        return known;
    }

    private void look() {
        if (asking.compareAndSet(false, true)) {
            Thread.ofVirtual().name("free-space").start(() -> {
                try {
                    knownBytes = Files.getFileStore(directory).getUsableSpace();
                } catch (IOException | RuntimeException e) {
                    knownBytes = UNKNOWN;
                } finally {
                    asking.set(false);
                }
            });
        }
    }
}
