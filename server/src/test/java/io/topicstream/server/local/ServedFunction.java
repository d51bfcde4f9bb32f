package io.topicstream.server.local;

import io.topicstream.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;

/// An HTTP API on a free port of this machine.
public final class ServedFunction implements AutoCloseable {
    private final HttpApi api;
    private final Transport transport = Transport.start(1, HttpApi.limits());
    private final InetSocketAddress address;

    public ServedFunction(HttpApi api) {
        this.api = api;
        try {
            address = transport.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), api.endpoint());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    InetSocketAddress address() {
        return address;
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + address.getPort());
    }

    @Override
    public void close() {
        transport.stop(Duration.ZERO, 1001).join();
        api.close();
    }
}
