package io.topicstream.server.http;

import io.topicstream.gateway.GatewayMetrics;
import io.topicstream.http.Readiness;
import io.topicstream.log.Trimmed;
import io.topicstream.server.sink.EventFigures;
import io.topicstream.state.StateFigures;
import java.util.List;

/// What the server tells about itself, pulled when `/metrics` is read. Called on an event loop, so each answer is at
/// hand; counters only grow.
public interface Figures {
    /// Messages that a log took into its queue.
    long acceptedMessages();

    /// Messages that are as durable as the engine's mode says.
    long committedMessages();

    /// Messages that retention has ended.
    Trimmed trimmedMessages();

    /// Messages written to subscribers, one for each copy.
    long deliveredMessages();

    /// Bytes that wait in the log's queue.
    long queueBytes();

    /// Subscriptions that get each message as it is committed.
    long liveSubscriptions();

    /// Subscriptions that read the log to get there.
    long catchingUpSubscriptions();

    /// Whether a message that is published now would be stored, as far as the store knows.
    boolean storeTakesWrites();

    /// What dies with the node and is kept in memory: who is connected, leases.
    StateFigures ephemeral();

    /// Who was let in, refused and ended.
    AccessFigures access();

    /// Open sockets.
    long connections();

    /// Bytes of requests and messages that are not complete.
    long incompleteBytes();

    /// Bytes of HTTP answers that are made or wait to be sent.
    long answerBytes();

    /// How long the event loop that answers worst has not come to its clock, in milliseconds.
    long slowestLoopMs();

    /// Open sockets that there may be.
    long connectionLimit();

    /// Bytes that are free where messages are kept, as of the last look; negative where that is not known.
    long freeBytes();

    /// What the gateway has counted, by stage and route; nothing where there is no gateway.
    List<GatewayMetrics.Series> gateway();

    /// What became of events: those that were written down, and those of sinks.
    EventFigures events();

    /// The version of the server, as `0.1.0`.
    String version();

    /// What must hold for requests to be served: the log is open, no shutdown has begun, and so on.
    Readiness readiness();
}
