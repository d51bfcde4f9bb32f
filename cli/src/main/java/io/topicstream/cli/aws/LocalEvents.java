package io.topicstream.cli.aws;

import io.topicstream.aws.dynamo.DynamoEngine;
import io.topicstream.aws.events.EventFunction;
import io.topicstream.aws.events.EventStream;
import io.topicstream.aws.events.SinkDeliveries;
import io.topicstream.aws.lambda.LetterBox;
import io.topicstream.aws.local.LocalBuses;
import io.topicstream.aws.s3.Objects;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// The function of events on this machine: it posts to sinks, and puts events on a bus where one is named.
/// Thread-safe.
final class LocalEvents implements AutoCloseable {
    /// How long a call may take, as is said of the function on AWS.
    private static final Duration CALL = Duration.ofSeconds(30);

    private final SinkDeliveries sinks;
    private final @Nullable LocalBuses buses;
    private final UnaryOperator<byte[]> function;

    private LocalEvents(SinkDeliveries sinks, @Nullable LocalBuses buses, UnaryOperator<byte[]> function) {
        this.sinks = sinks;
        this.buses = buses;
        this.function = function;
    }

    /// Opens it.
    ///
    /// @param engine not closed with it
    /// @param bucket for what a bus never takes; needed where there is one
    static LocalEvents open(DynamoEngine engine, @Nullable Objects bucket, LocalSettings settings, Metered metered)
            throws LocalStack.UnusableException {
        LocalSettings.Bus bus = settings.bus();
        if (bus != null && bucket == null) {
            throw new LocalStack.UnusableException(
                    LocalStack.UnusableException.Part.USAGE,
                    "a bus needs a bucket, for what it never takes: --s3 or --data",
                    null);
        }
        SinkDeliveries sinks = new SinkDeliveries(
                engine.log(),
                engine.state(),
                LocalAdministrator.destinations(settings.destinations()),
                InstantSource.system(),
                new SecureRandom(),
                metered::posted);
        LocalBuses buses = bus == null ? null : LocalBuses.at(bus.endpoint());
        EventStream events = bus == null || bucket == null || buses == null
                ? null
                : new EventStream(
                        engine.log(),
                        bus.settings().topics(),
                        buses.bus(bus.settings(), metered::onBus),
                        new LetterBox(bucket),
                        InstantSource.system());
        EventFunction function = new EventFunction(events, sinks);
        return new LocalEvents(sinks, buses, metered.events(event -> function.handle(event, CALL)));
    }

    /// Calls it.
    byte[] handle(byte[] event) {
        return function.apply(event);
    }

    /// A sink was changed: the next call knows it.
    void onSinksChanged() {
        sinks.onSinksChanged();
    }

    @Override
    public void close() {
        sinks.close();
        if (buses != null) {
            buses.close();
        }
    }
}
