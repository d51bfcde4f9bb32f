package io.topicstream.server.sink;

import io.topicstream.event.EventLog;
import io.topicstream.events.Destinations;
import io.topicstream.events.EventFamily;
import io.topicstream.events.SinkDefinition;
import io.topicstream.events.SinkRecord;
import io.topicstream.events.admin.SinkParts;
import io.topicstream.gateway.http.CallBounds;
import io.topicstream.gateway.http.HttpCallLimits;
import io.topicstream.gateway.http.HttpCaller;
import io.topicstream.log.Timers;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// All sinks of a node: those of the configuration, and those that administrators made. Which there are
/// stands in the store, and is read again every two seconds, so that every node knows; a sink whose
/// record has changed is begun anew.
///
/// Owned by the sinks' thread; what says so may be called on any thread.
public final class Sinks {
    /// How often it is read which sinks there are, in milliseconds.
    static final long READ_MS = 2_000;

    private static final System.Logger LOGGER = System.getLogger(Sinks.class.getName());

    /// Answers of receivers are read up to this, and mean nothing.
    private static final HttpCallLimits CALLS =
            new HttpCallLimits(SinkRun.PLACES, SinkRecord.MOST * SinkRun.PLACES, 64 << 10, 8 << 20);
    /// How long a displaced sink waits before it is begun anew.
    private static final long ANEW_MS = 200;

    private final SinkNode node;
    private final EventWish wish;
    private final EventLog events;
    private final Map<String, SinkDefinition> configured = new LinkedHashMap<>();
    private final Map<String, SinkRun> runs = new LinkedHashMap<>();
    /// As they were last read.
    private Map<String, SinkRecord> records = Map.of();

    /// By name, so that they only grow while the server runs.
    private final Map<String, SinkRun.Figures> figures = new HashMap<>();
    private volatile List<SinkSeries> series = List.of();

    private boolean stopped;
    private boolean isReading;
    /// Who waits for the read that is under way, and for the one after it.
    private List<CompletableFuture<Void>> current = new ArrayList<>();
    private List<CompletableFuture<Void>> next = new ArrayList<>();

    /// @param configured the sinks of the configuration
    /// @param hosts names at which administrators may put sinks, whatever their addresses
    /// @param listed addresses at which they may, though they are not public
    /// @param wish when what happens beside messages is written down
    /// @param events told what is wanted
    /// @param ephemeral the store of what dies with a node
    /// @param thread of one thread
    /// @param timers of the same thread
    public Sinks(
            List<SinkDefinition> configured,
            Set<String> hosts,
            Predicate<InetAddress> listed,
            EventWish wish,
            EventLog events,
            TopicLog log,
            TopicFeed feed,
            StateStore state,
            StateStore ephemeral,
            InstantSource clock,
            RandomGenerator random,
            Executor thread,
            Timers timers) {
        this.wish = wish;
        this.events = events;
        configured.forEach(sink -> this.configured.put(sink.name(), sink));
        this.node = new SinkNode(
                log,
                feed,
                state,
                ephemeral,
                new HttpCaller(new CallBounds(CALLS)),
                new Destinations(hosts, listed, InetAddress::getAllByName),
                clock,
                random,
                thread,
                timers);
        want();
    }

    /// Begins. Called once, on any thread.
    public void start() {
        node.execute(() -> {
            var _ = read();
            tick();
        });
    }

    /// Ends it, on any thread: completes when places are stored and leases are given back.
    public CompletionStage<Void> stop() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        node.execute(() -> {
            stopped = true;
            answer(current);
            answer(next);
            CompletableFuture<?>[] ends = runs.values().stream()
                    .map(run -> run.end().toCompletableFuture())
                    .toArray(CompletableFuture[]::new);
            runs.clear();
            var _ = CompletableFuture.allOf(ends).whenComplete((_, _) -> {
                node.caller().close();
                node.destinations().close();
                done.complete(null);
            });
        });
        return done;
    }

    SinkNode node() {
        return node;
    }

    private boolean isConfigured(String name) {
        return configured.containsKey(name);
    }

    /// What an administrator changes; he is answered when this node knows of it.
    public SinkParts parts() {
        return new SinkParts(
                node.log(), node.state(), node.ephemeral(), node.destinations(), node.clock(), configured, this::read);
    }

    // ---- which there are

    private void tick() {
        if (!stopped) {
            node.timers()
                    .schedule(
                            () -> {
                                var _ = read();
                                tell();
                                tick();
                            },
                            READ_MS);
        }
    }

    private void tell() {
        List<SinkRun> held = runs.values().stream().filter(SinkRun::isHeld).toList();
        held.forEach(run -> SinkStatus.tell(node, run));
        series = held.stream().map(SinkSeries::of).toList();
    }

    /// The figures of those that this node runs, as they were some seconds ago; on any thread.
    public List<SinkSeries> series() {
        return series;
    }

    /// Reads which sinks there are, on any thread. Completes when what was stored before this call is in
    /// force on this node, or when the store did not answer; then the next read finds it.
    CompletionStage<Void> read() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (!node.execute(() -> read(done))) {
            done.complete(null);
        }
        return done;
    }

    /// A read that is under way may have passed what was stored since: who comes then waits for the next.
    private void read(CompletableFuture<Void> done) {
        if (stopped) {
            done.complete(null);
            return;
        }
        next.add(done);
        if (!isReading) {
            readNext();
        }
    }

    private void readNext() {
        isReading = true;
        current = next;
        next = new ArrayList<>();
        readPage("", new LinkedHashMap<>());
    }

    private static void answer(List<CompletableFuture<Void>> waiting) {
        waiting.forEach(done -> done.complete(null));
        waiting.clear();
    }

    private void readPage(String after, Map<String, SinkRecord> found) {
        node.deadlines()
                .within(node.state().scan(SinkRecord.SINKS, "", after, SinkRecord.MOST + 1), (page, failure) -> {
                    if (page == null) {
                        onRead(null);
                        return;
                    }
                    for (StateRecord stored : page.records()) {
                        try {
                            found.put(stored.key(), SinkRecord.of(stored));
                        } catch (IllegalArgumentException e) {
                            if (node.logLimit().permits("sink-unknown")) {
                                LOGGER.log(System.Logger.Level.WARNING, "the sink " + stored.key() + " is not run", e);
                            }
                        }
                    }
                    if (page.isLast()) {
                        onRead(found);
                    } else {
                        readPage(page.after(), found);
                    }
                });
    }

    private void onRead(@Nullable Map<String, SinkRecord> found) {
        isReading = false;
        if (stopped) {
            return;
        }
        if (found != null) {
            records = Map.copyOf(found);
            reconcile();
        }
        answer(current);
        if (!next.isEmpty()) {
            readNext();
        }
    }

    private void want() {
        events.want(wants(EventFamily.CONNECTIONS), wants(EventFamily.PRESENCE));
    }

    private boolean wants(EventFamily family) {
        return switch (wish) {
            case ON -> true;
            case OFF -> false;
            case AUTO ->
                configured.values().stream().anyMatch(sink -> sink.also().contains(family))
                        || records.values().stream()
                                .map(SinkRecord::definition)
                                .anyMatch(sink -> sink != null && sink.also().contains(family));
        };
    }

    private void reconcile() {
        want();
        figures.keySet().retainAll(records.keySet());
        for (String name : List.copyOf(runs.keySet())) {
            SinkRun run = runs.get(name);
            SinkRecord record = records.get(name);
            if (run != null
                    && (record == null || record.version() != run.record().version() || definition(record) == null)) {
                runs.remove(name);
                var _ = run.end();
            }
        }
        for (String name : configured.keySet()) {
            if (!records.containsKey(name)) {
                make(name);
            }
        }
        for (SinkRecord record : records.values()) {
            if (!runs.containsKey(record.name()) && record.disabled() == null) {
                run(record);
            }
        }
    }

    /// A sink of the configuration gets the messages since it was first there.
    private void make(String name) {
        byte[] value = SinkRecord.encode(node.clock().millis(), null, null);
        node.deadlines()
                .within(
                        node.state().put(SinkRecord.SINKS, name, value, StateStore.ABSENT, StateStore.NEVER),
                        (version, failure) -> {
                            if (version != null) {
                                var _ = read();
                            }
                        });
    }

    private @Nullable SinkDefinition definition(SinkRecord record) {
        SinkDefinition own = configured.get(record.name());
        return record.disabled() != null ? null : own != null ? own : record.definition();
    }

    private void run(SinkRecord record) {
        SinkDefinition definition = definition(record);
        if (definition == null) {
            return;
        }
        SinkRun.Figures counted = figures.computeIfAbsent(record.name(), _ -> new SinkRun.Figures());
        SinkRun run = new SinkRun(node, record, definition, isConfigured(record.name()), counted, new SinkRun.Owner() {
            @Override
            public void onGone(SinkRun gone) {
                disable(gone);
            }

            @Override
            public void onDisplaced(SinkRun displaced) {
                beginAnew(displaced);
            }
        });
        runs.put(record.name(), run);
        run.begin();
    }

    private void disable(SinkRun run) {
        SinkRecord record = run.record();
        byte[] value = SinkRecord.encode(record.createdAtMs(), SinkRecord.GONE, record.definition());
        LOGGER.log(
                System.Logger.Level.WARNING,
                "the sink " + record.name() + " is disabled: its receiver answered 410; a replay enables it again");
        end(run);
        node.deadlines()
                .within(
                        node.state().put(SinkRecord.SINKS, record.name(), value, record.version(), StateStore.NEVER),
                        (_, _) -> {
                            var _ = read();
                        });
    }

    private void beginAnew(SinkRun run) {
        end(run);
        node.timers().schedule(this::read, ANEW_MS);
    }

    @SuppressWarnings("ReferenceEquality") // another run of the same sink is another
    private void end(SinkRun run) {
        if (runs.get(run.definition().name()) == run) {
            runs.remove(run.definition().name());
        }
        var _ = run.end();
    }

    /// Those that this node runs, as they are now; on the thread.
    List<SinkRun> running() {
        return new ArrayList<>(runs.values());
    }
}
