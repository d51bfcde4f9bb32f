package io.topicstream.client;

import io.topicstream.log.LogLimit;
import java.net.URI;
import java.time.InstantSource;

/// Writes into the log what fails, for programs that do not listen themselves: without it, a client whose server
/// is not there would try for ever in silence.
final class LoggedConnection implements ConnectionListener {
    private static final System.Logger LOGGER = System.getLogger(TopicStreamClient.class.getName());
    private static final String KIND = "disconnected";

    private final URI address;
    private final LogLimit limit;

    LoggedConnection(URI address, InstantSource clock) {
        this.address = address;
        this.limit = new LogLimit(clock);
    }

    @Override
    public void onDisconnected(int code, String reason, long retryInMs) {
        if (limit.permits(KIND)) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "no connection to " + address.getHost() + (address.getPort() < 0 ? "" : ":" + address.getPort())
                            + ": " + reason + "; it is tried again until the client is closed");
        }
    }
}
