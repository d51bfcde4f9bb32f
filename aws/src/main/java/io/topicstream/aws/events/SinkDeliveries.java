package io.topicstream.aws.events;

import io.topicstream.aws.dynamo.StreamRecord;
import io.topicstream.aws.events.SinkBook.Sink;
import io.topicstream.events.Destinations;
import io.topicstream.events.SinkRecord;
import io.topicstream.gateway.http.CallBounds;
import io.topicstream.gateway.http.HttpCallLimits;
import io.topicstream.gateway.http.HttpCaller;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import io.topicstream.state.StateStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.LongConsumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The sinks of the state, served by a function: what a server's sinks do, call by call. Definitions, places and events
/// are those of a server.
///
/// A record of the stream is a hint that a topic has grown. Each sink that means the topic reads the log from its place
/// on, posts, and moves its place by compare-and-set. So a hint that comes twice, late or in no order does no
/// harm, and two calls at once repeat an event at worst. What is left when the time of a call is over, and what hints
/// were lost, is found by [#onSchedule].
///
/// Nothing that a receiver does holds up the stream: what has failed is a row of its own, with the time when it is
/// tried again. Blocks; thread-safe.
public final class SinkDeliveries implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(SinkDeliveries.class.getName());

    /// How long posts are begun for records: what comes after them in the stream waits.
    private static final Duration FOR_RECORDS = Duration.ofSeconds(5);

    private static final Duration FOR_SCHEDULE = Duration.ofSeconds(12);
    /// How often all topics of a sink are looked at, in milliseconds: it costs a read for each.
    private static final long LOOK_MS = 300_000;

    private final SinkPorts ports;
    private final Duration forRecords;

    /// What was last looked at in full, by sink. Guarded by this.
    private final Map<String, Looked> looked = new HashMap<>();

    /// How far a look at many topics is; see [TopicLists].
    private final Map<TopicPattern, String> walked = new ConcurrentHashMap<>();

    private record Looked(long version, long atMs) {}

    /// @param state which is durable
    /// @param destinations where sinks may be
    /// @param posted told how many bytes each event has that is posted, each time; such as a meter
    public SinkDeliveries(
            TopicLog log,
            StateStore state,
            Destinations destinations,
            InstantSource clock,
            RandomGenerator random,
            LongConsumer posted) {
        this(log, state, destinations, clock, random, posted, FOR_RECORDS);
    }

    /// @param forRecords how long posts are begun for records
    SinkDeliveries(
            TopicLog log,
            StateStore state,
            Destinations destinations,
            InstantSource clock,
            RandomGenerator random,
            LongConsumer posted,
            Duration forRecords) {
        this.forRecords = forRecords;
        HttpCallLimits calls =
                new HttpCallLimits(SinkTurn.PLACES, SinkRecord.MOST * SinkTurn.PLACES, 64 << 10, 8 << 20);
        ports = new SinkPorts(
                log,
                state,
                new SinkBook(state, clock),
                new HttpCaller(new CallBounds(calls)),
                destinations,
                clock,
                random,
                posted);
    }

    /// What is done for one sink.
    private interface Task {
        void run(SinkTurn turn) throws NotNowException;
    }

    /// Posts what is new in the topics of which records of the stream tell.
    ///
    /// @param event as the function is called with it
    /// @param left how long the call may take
    public void onRecords(byte[] event, Duration left) {
        Set<TopicName> grown = StreamRecord.of(event).stream()
                .map(StreamRecord::grown)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
        if (grown.isEmpty()) {
            return;
        }
        CallTime time = CallTime.of(left, forRecords);
        forEach(time, turn -> {
            List<TopicName> topics =
                    grown.stream().filter(turn.sink().definition()::isFor).toList();
            if (!topics.isEmpty() && !turn.run(topics)) {
                lookAgain(turn.sink());
            }
        });
    }

    /// Posts what has failed and whose time has come; and now and then what is behind in any topic.
    ///
    /// @param left how long the call may take
    public void onSchedule(Duration left) {
        CallTime time = CallTime.of(left, FOR_SCHEDULE);
        TopicLists lists = new TopicLists(ports.log(), time, walked);
        forEach(time, turn -> {
            boolean isLook = isToLook(turn.sink());
            boolean isDone = isLook ? turn.runAll(lists) : turn.run(List.of());
            if (isLook && isDone) {
                onLooked(turn.sink());
            }
        });
    }

    /// Has the next call read which sinks there are, where one was changed in the same process.
    public void onSinksChanged() {
        ports.book().forgetAll();
    }

    private synchronized boolean isToLook(Sink sink) {
        Looked last = looked.get(sink.name());
        long nowMs = ports.clock().millis();
        return last == null
                || last.version() != sink.record().version()
                || nowMs < last.atMs()
                || nowMs - last.atMs() >= LOOK_MS;
    }

    private synchronized void onLooked(Sink sink) {
        looked.put(
                sink.name(), new Looked(sink.record().version(), ports.clock().millis()));
    }

    private synchronized void lookAgain(Sink sink) {
        looked.remove(sink.name());
    }

    private void forEach(CallTime time, Task task) {
        List<Sink> sinks = sinks(time);
        if (sinks == null) {
            return;
        }
        synchronized (this) {
            looked.keySet().retainAll(sinks.stream().map(Sink::name).collect(Collectors.toCollection(HashSet::new)));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Sink sink : sinks) {
                threads.execute(() -> serve(sink, time, task));
            }
        }
    }

    private @Nullable List<Sink> sinks(CallTime time) {
        try {
            return ports.book().all(time.patience());
        } catch (NotNowException e) {
            LOGGER.log(System.Logger.Level.WARNING, "it is not known which sinks there are: {0}", e.getMessage());
            return null;
        }
    }

    private void serve(Sink sink, CallTime time, Task task) {
        try {
            task.run(new SinkTurn(ports, sink, time));
        } catch (NotNowException e) {
            LOGGER.log(System.Logger.Level.WARNING, "the sink {0} waits: {1}", sink.name(), e.getMessage());
            lookAgain(sink);
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "the sink " + sink.name() + " cannot go on", e);
            lookAgain(sink);
        }
    }

    @Override
    public void close() {
        ports.caller().close();
        ports.destinations().close();
    }
}
