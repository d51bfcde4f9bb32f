package io.topicstream.server.sink;

import io.topicstream.events.Burial;
import io.topicstream.events.CloudEvents;
import io.topicstream.events.EventRules;
import io.topicstream.events.SinkDefinition;
import io.topicstream.events.SinkRecord;
import io.topicstream.events.Webhook;
import io.topicstream.log.Admission;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import io.topicstream.state.StateRecord;
import io.topicstream.tail.Lease;
import io.topicstream.tail.Tail;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One sink on one node. As long as it has the sink's lease it has a tail for each topic that the sink
/// wants, at most [#MOST_TOPICS]; which topics there are it finds by listing them, first those that have
/// a stored place. Owned by the sinks' thread.
///
/// Of its topics as many as it has places ([#PLACES]) read and post at once, each one event at a time;
/// the others wait in a queue, and who has posted a page goes to its end.
final class SinkRun {
    /// How many topics a sink reads.
    static final int MOST_TOPICS = 1_000;
    /// How many topics post at once, and how many pages are in memory.
    static final int PLACES = 8;
    /// How often new topics are looked for, in milliseconds.
    static final long LIST_MS = 1_000;

    private static final System.Logger LOGGER = System.getLogger(SinkRun.class.getName());
    private static final int LIST = 1_000;
    /// How many pages of names are listed in one look, for each pattern.
    private static final int LIST_PAGES = 5;
    private static final int PLACES_PAGE = 1_000;
    private final SinkNode node;
    private final SinkRecord record;
    private final SinkDefinition definition;
    private final Owner owner;
    private final EventRules rules;
    private final Webhook webhook;
    private final Tail.Source listed;
    private final Tail.Source named;
    private final Lease lease;

    private final Map<TopicName, TopicDelivery> topics = new LinkedHashMap<>();
    private final ArrayDeque<TopicDelivery> queue = new ArrayDeque<>();
    /// After which name the next look begins, by pattern.
    private final Map<TopicPattern, String> walked = new HashMap<>();

    private int free = PLACES;
    private boolean held;
    private boolean ended;
    /// Rises with each time it holds the lease: what was asked before does not count.
    private int turn;

    private final Figures figures;

    /// What became of a sink on this node, for the operator; counted since the server began to run it.
    static final class Figures {
        long delivered;
        long failed;
        long deadLetters;
        /// Events that its rules could not be compared with.
        long notCompared;
        /// Messages that were trimmed before it came to them.
        long missed;

        boolean isFull;

        @Nullable
        String error;

        @Nullable
        String errorTopic;

        long errorMs;

        /// What does not hold for another run.
        private void begin() {
            isFull = false;
            error = null;
            errorTopic = null;
        }
    }

    /// Who is told what it cannot settle itself, on the thread.
    interface Owner {
        /// The receiver wants no more events.
        void onGone(SinkRun run);

        /// Its places were written by somebody else: it is to be begun anew.
        void onDisplaced(SinkRun run);
    }

    SinkRun(
            SinkNode node,
            SinkRecord record,
            SinkDefinition definition,
            boolean isConfigured,
            Figures figures,
            Owner owner) {
        this.figures = figures;
        figures.begin();
        this.node = node;
        this.record = record;
        this.owner = owner;
        this.rules = new EventRules(definition.rules());
        this.definition = definition;
        this.webhook = new Webhook(definition, node.caller(), node.destinations(), isConfigured, node.clock());
        this.listed = node.tails(definition.name(), 0);
        this.named = node.tails(definition.name(), Tail.LOOK_MS);
        this.lease = new Lease(
                node.ephemeral(),
                SinkRecord.LEASES,
                definition.name(),
                node.name(),
                node.clock(),
                node.deadlines(),
                node.timers(),
                new Lease.Holder() {
                    @Override
                    public void onHeld() {
                        hold();
                    }

                    @Override
                    public void onLost() {
                        drop();
                    }
                });
    }

    SinkRecord record() {
        return record;
    }

    SinkDefinition definition() {
        return definition;
    }

    boolean isHeld() {
        return held;
    }

    Figures figures() {
        return figures;
    }

    Map<TopicName, TopicDelivery> topics() {
        return topics;
    }

    /// How many messages wait, as far as is known.
    long lag() {
        return topics.values().stream().mapToLong(each -> each.tail().lag()).sum();
    }

    void begin() {
        lease.begin();
    }

    /// Ends it; completes when its places are stored and its lease is given back.
    CompletionStage<Void> end() {
        ended = true;
        List<TopicDelivery> all = List.copyOf(topics.values());
        drop();
        CompletableFuture<Void> stored = new CompletableFuture<>();
        int[] missing = {all.size() + 1};
        Runnable one = () -> {
            missing[0]--;
            if (missing[0] == 0) {
                lease.end();
                stored.complete(null);
            }
        };
        all.forEach(topic -> topic.tail().whenStored(one));
        one.run();
        return stored;
    }

    private void hold() {
        if (ended) {
            return;
        }
        held = true;
        turn++;
        LOGGER.log(System.Logger.Level.DEBUG, () -> "this node runs the sink " + definition.name());
        resume(turn, "");
    }

    private void drop() {
        held = false;
        turn++;
        topics.values().forEach(TopicDelivery::end);
        topics.clear();
        queue.clear();
        free = PLACES;
    }

    // ---- which topics

    /// Goes on with those that have a place; then looks which there are.
    private void resume(int mine, String after) {
        node.deadlines()
                .within(
                        node.state().scan(SinkRecord.places(definition.name()), "", after, PLACES_PAGE),
                        (page, failure) -> {
                            if (mine != turn) {
                                return;
                            }
                            if (page == null) {
                                node.timers().schedule(() -> again(mine, () -> resume(mine, after)), LIST_MS);
                                return;
                            }
                            for (StateRecord place : page.records()) {
                                TopicName topic = TopicName.orNull(place.key());
                                if (topic != null && isListed(topic)) {
                                    add(topic, listed);
                                } else if (topic != null && isNamed(topic)) {
                                    add(topic, named);
                                }
                            }
                            if (page.isLast()) {
                                look(mine);
                            } else {
                                resume(mine, page.after());
                            }
                        });
    }

    private void again(int mine, Runnable task) {
        if (mine == turn) {
            task.run();
        }
    }

    private boolean isListed(TopicName topic) {
        return definition.topics().stream().anyMatch(pattern -> pattern.isOpen() && pattern.means(topic));
    }

    private boolean isNamed(TopicName topic) {
        return definition.isFor(topic);
    }

    private void look(int mine) {
        definition.also().forEach(family -> add(family.topic(), named));
        for (TopicPattern pattern : definition.topics()) {
            if (pattern.isOpen()) {
                list(mine, pattern, walked.getOrDefault(pattern, ""), LIST_PAGES);
            } else {
                add(new TopicName(pattern.text()), named);
            }
        }
        if (definition.topics().stream().anyMatch(TopicPattern::isOpen)) {
            node.timers().schedule(() -> again(mine, () -> look(mine)), LIST_MS);
        }
    }

    private void list(int mine, TopicPattern pattern, String after, int pages) {
        String prefix = pattern.text().substring(0, pattern.text().length() - 1);
        node.deadlines().within(node.log().topics(prefix, after, LIST), (found, failure) -> {
            if (mine != turn || found == null) {
                return;
            }
            String last = after;
            for (TopicExtent each : found) {
                last = each.topic().value();
                if (pattern.means(each.topic())) {
                    take(each);
                }
            }
            boolean isLast = found.size() < LIST;
            if (!isLast && pages > 1) {
                list(mine, pattern, SinkDefinition.beyondReserved(pattern, last), pages - 1);
            } else {
                walked.put(pattern, isLast ? "" : last);
            }
        });
    }

    private void take(TopicExtent found) {
        TopicDelivery known = topics.get(found.topic());
        if (known != null) {
            known.tail().look(found.extent());
        } else {
            add(found.topic(), listed);
        }
    }

    private void add(TopicName name, Tail.Source source) {
        if (topics.containsKey(name)) {
            return;
        }
        if (topics.size() >= MOST_TOPICS) {
            if (!figures.isFull) {
                figures.isFull = true;
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "the sink " + definition.name() + " reads " + MOST_TOPICS
                                + " topics, and there are more that it wants; they wait for ever");
            }
            return;
        }
        TopicDelivery topic = new TopicDelivery(this, source, name, Tail.Start.since(record.createdAtMs()));
        topics.put(name, topic);
        topic.begin();
    }

    // ---- whose turn it is

    void queue(TopicDelivery topic) {
        queue.add(topic);
        node.execute(this::serve);
    }

    void release() {
        free++;
        node.execute(this::serve);
    }

    private void serve() {
        while (free > 0 && held) {
            TopicDelivery topic = queue.poll();
            if (topic == null) {
                return;
            }
            free--;
            topic.start();
        }
    }

    // ---- what topics ask for

    long nowMs() {
        return node.clock().millis();
    }

    /// Whether one of the sink's rules matches. What cannot be compared is not meant.
    boolean isMeant(CloudEvents.Event event) {
        if (definition.rules().isEmpty()) {
            return true;
        }
        try {
            return rules.match(event.text());
        } catch (IllegalArgumentException e) {
            figures.notCompared++;
            if (node.logLimit().permits("sink-not-compared-" + definition.name())) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "an event cannot be compared with the rules of the sink " + definition.name()
                                + ", and is passed over",
                        e);
            }
            return false;
        }
    }

    void post(CloudEvents.Event event, int attempt, boolean mayRepeat, Consumer<Webhook.Outcome> then) {
        int mine = turn;
        var _ = webhook.post(event, attempt, mayRepeat)
                .thenAccept(outcome -> node.execute(() -> again(mine, () -> then.accept(outcome))));
    }

    void later(Runnable task, int failures, long askedMs) {
        int mine = turn;
        node.timers().schedule(() -> again(mine, task), node.waits().ms(failures, askedMs));
    }

    boolean isTooMuch(int attempts, long failingMs) {
        return attempts >= definition.attempts()
                || failingMs >= definition.giveUpAfter().toMillis();
    }

    void onDelivered() {
        figures.delivered++;
    }

    void onFailed(TopicName topic, String why) {
        figures.failed++;
        figures.error = why;
        figures.errorTopic = topic.value();
        figures.errorMs = nowMs();
        if (node.logLimit().permits("sink-" + definition.name())) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "the sink " + definition.name() + " did not take an event of " + topic + ": " + why);
        }
    }

    void onMissed(TopicName topic, long from, long to) {
        figures.missed += to - from;
        if (node.logLimit().permits("sink-missed-" + definition.name())) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "the sink " + definition.name() + " never gets the messages " + from + " to " + (to - 1) + " of "
                            + topic + ": they were trimmed before it came to them");
        }
    }

    void onGone() {
        figures.error = "it answered 410: it wants no more events";
        figures.errorMs = nowMs();
        owner.onGone(this);
    }

    void onDisplaced() {
        owner.onDisplaced(this);
    }

    /// Puts an event with the dead letters.
    ///
    /// @param then told, on the thread, whether it is there
    void bury(CloudEvents.Event event, TopicName topic, int attempts, String why, Consumer<Boolean> then) {
        int mine = turn;
        Burial burial = new Burial(definition, event, topic) {
            @Override
            protected void onBuried(boolean isBuried) {
                node.execute(() -> again(mine, () -> {
                    if (isBuried) {
                        figures.deadLetters++;
                        LOGGER.log(
                                System.Logger.Level.WARNING,
                                "the sink " + definition.name() + " did not take an event of " + topic + " in "
                                        + attempts + " attempts, and it is with the dead letters: " + why);
                    }
                    then.accept(isBuried);
                }));
            }
        };
        if (node.log().append(burial) == Admission.REFUSED) {
            node.execute(() -> again(mine, () -> then.accept(false)));
        }
    }
}
