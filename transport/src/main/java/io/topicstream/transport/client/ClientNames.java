package io.topicstream.transport.client;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/// Asks for the addresses of hosts. Thread-safe; does not block.
@FunctionalInterface
public interface ClientNames {
    /// Completes, on any thread, with the addresses of a host, or with none where none are known.
    CompletableFuture<List<InetAddress>> of(String host);
}
