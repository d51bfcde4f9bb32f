package io.topicstream.aws.events;

import io.topicstream.events.EventRules;
import io.topicstream.events.SinkDefinition;
import io.topicstream.events.SinkRecord;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which sinks there are, as they were stored two seconds ago or later. What is kept of those that are there no more
/// is deleted. Blocks; thread-safe.
final class SinkBook {
    private static final System.Logger LOGGER = System.getLogger(SinkBook.class.getName());

    private static final long FRESH_MS = 2_000;
    private static final int PAGE = 100;
    private static final int PLACES_PAGE = 1_000;

    private final StateStore state;
    private final InstantSource clock;

    // Guarded by this.
    private Map<String, Sink> sinks = Map.of();
    private Set<String> names = Set.of();
    private boolean isRead;
    private long readMs;

    /// One that gets events.
    record Sink(SinkRecord record, SinkDefinition definition, EventRules rules) {
        String name() {
            return record.name();
        }
    }

    SinkBook(StateStore state, InstantSource clock) {
        this.state = state;
        this.clock = clock;
    }

    /// Those that get events.
    synchronized List<Sink> all(Duration patience) throws NotNowException {
        refresh(patience);
        return List.copyOf(sinks.values());
    }

    /// Whether the sink is still there, as it was.
    synchronized boolean isCurrent(Sink sink, Duration patience) throws NotNowException {
        refresh(patience);
        Sink now = sinks.get(sink.name());
        return now != null && now.record().version() == sink.record().version();
    }

    /// The next question reads it again.
    synchronized void forgetAll() {
        isRead = false;
    }

    private void refresh(Duration patience) throws NotNowException {
        long nowMs = clock.millis();
        if (isRead && Math.abs(nowMs - readMs) < FRESH_MS) {
            return;
        }
        Map<String, Sink> found = new HashMap<>();
        Set<String> stored = new HashSet<>();
        for (StateRecord each : all(state, SinkRecord.SINKS, PAGE, patience)) {
            stored.add(each.key());
            Sink known = sinks.get(each.key());
            Sink sink = known != null && known.record().version() == each.version() ? known : read(each);
            if (sink != null) {
                found.put(sink.name(), sink);
            }
        }
        for (String name : names) {
            if (!stored.contains(name)) {
                delete(SinkRecord.places(name), patience);
                delete(SinkRecord.failures(name), patience);
            }
        }
        sinks = found;
        names = stored;
        isRead = true;
        readMs = nowMs;
    }

    private static @Nullable Sink read(StateRecord stored) {
        try {
            SinkRecord record = SinkRecord.of(stored);
            SinkDefinition definition = record.definition();
            // One without a definition stands in a server's configuration.
            return record.disabled() != null || definition == null
                    ? null
                    : new Sink(record, definition, new EventRules(definition.rules()));
        } catch (IllegalArgumentException e) {
            LOGGER.log(System.Logger.Level.WARNING, "the sink " + stored.key() + " is not run", e);
            return null;
        }
    }

    private void delete(String partition, Duration patience) throws NotNowException {
        for (StateRecord each : all(state, partition, PLACES_PAGE, patience)) {
            Asked.of(state.delete(partition, each.key(), StateStore.ANY_VERSION), patience);
        }
    }

    /// All records of a partition.
    static List<StateRecord> all(StateStore state, String partition, int limit, Duration patience)
            throws NotNowException {
        List<StateRecord> found = new ArrayList<>();
        String after = "";
        while (true) {
            StatePage page = Asked.of(state.scan(partition, "", after, limit), patience);
            found.addAll(page.records());
            if (page.isLast()) {
                return found;
            }
            after = page.after();
        }
    }
}
