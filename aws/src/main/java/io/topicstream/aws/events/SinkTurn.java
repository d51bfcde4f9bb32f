package io.topicstream.aws.events;

import io.topicstream.aws.events.SinkBook.Sink;
import io.topicstream.events.Burial;
import io.topicstream.events.CloudEvents;
import io.topicstream.events.EventFamily;
import io.topicstream.events.SinkRecord;
import io.topicstream.events.Waits;
import io.topicstream.events.Webhook;
import io.topicstream.events.Webhook.Outcome;
import io.topicstream.log.Admission;
import io.topicstream.log.Extent;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import io.topicstream.row.BadRowException;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import io.topicstream.tail.Place;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// One sink in one call of the function: of its topics [#PLACES] post at once, each one event at a time; who has posted
/// its page goes to the end of the queue.
///
/// A receiver that hangs is posted to no more in this call, and for a while by no other: else each call would hang
/// with it, and so would what is behind in the stream.
final class SinkTurn {
    /// How many topics post at once.
    static final int PLACES = 8;

    private static final System.Logger LOGGER = System.getLogger(SinkTurn.class.getName());

    /// A post that fails later than that has held the call up.
    private static final long HUNG_NS = 2_000_000_000;

    private static final int RECORDS_PAGE = 1_000;

    private final SinkPorts ports;
    private final Sink sink;
    private final CallTime time;
    private final Webhook webhook;

    private final Map<String, SinkFailure> failures = new HashMap<>();

    // Guarded by this.
    private final ArrayDeque<TopicPosts> queue = new ArrayDeque<>();
    private @Nullable SinkFailure hanging;
    private boolean isHung;
    private boolean isOver;
    /// Whether a topic could not go on, and is to be found again.
    private boolean isLeft;

    SinkTurn(SinkPorts ports, Sink sink, CallTime time) {
        this.ports = ports;
        this.sink = sink;
        this.time = time;
        this.webhook = new Webhook(
                sink.definition().within(time.forPost()), ports.caller(), ports.destinations(), false, ports.clock());
    }

    Sink sink() {
        return sink;
    }

    TopicLog log() {
        return ports.log();
    }

    StateStore state() {
        return ports.state();
    }

    long nowMs() {
        return ports.clock().millis();
    }

    Duration patience() {
        return time.patience();
    }

    /// What failed in a topic; null where nothing did.
    @Nullable
    SinkFailure failureOf(TopicName topic) {
        return failures.get(topic.value());
    }

    // ---- which topics

    /// Posts what is new in topics, and what has failed and whose time has come.
    ///
    /// @return whether there was time for all that was found
    boolean run(Collection<TopicName> topics) throws NotNowException {
        readFailures();
        if (isHeld()) {
            return false;
        }
        Collection<TopicName> all = new ArrayList<>(topics);
        for (Map.Entry<String, SinkFailure> each : failures.entrySet()) {
            TopicName topic = TopicName.orNull(each.getKey());
            if (topic != null
                    && !topics.contains(topic)
                    && sink.definition().isFor(topic)
                    && !each.getValue().holds(sink.record(), each.getValue().offset(), nowMs())) {
                all.add(topic);
            }
        }
        return post(all);
    }

    /// Looks at all its topics, or at the next ones where there are many, and posts what is behind its places.
    ///
    /// @return whether it has seen all of them, and there was time for all that was found
    boolean runAll(TopicLists lists) throws NotNowException {
        readFailures();
        if (isHeld()) {
            return false;
        }
        Map<String, StateRecord> places = new HashMap<>();
        for (StateRecord each : SinkBook.all(state(), SinkRecord.places(sink.name()), RECORDS_PAGE, patience())) {
            places.put(each.key(), each);
        }
        // First those in which it has been.
        List<TopicName> begun = new ArrayList<>();
        List<TopicName> others = new ArrayList<>();
        for (TopicExtent each : topics(lists)) {
            StateRecord place = places.get(each.topic().value());
            if (place == null) {
                others.add(each.topic());
            } else if (isBehind(Place.of(place), each.extent())) {
                begun.add(each.topic());
            }
        }
        begun.addAll(others);
        return post(begun) && sink.definition().topics().stream().allMatch(lists::isWhole);
    }

    private static boolean isBehind(@Nullable Place place, Extent extent) {
        return place == null
                || extent.nextOffset() > place.next()
                || (place.epoch() != Place.ANY_EPOCH && place.epoch() != extent.epoch());
    }

    private List<TopicExtent> topics(TopicLists lists) throws NotNowException {
        Map<TopicName, TopicExtent> found = new HashMap<>();
        List<TopicName> named = new ArrayList<>();
        for (EventFamily family : sink.definition().also()) {
            named.add(family.topic());
        }
        for (TopicPattern pattern : sink.definition().topics()) {
            if (pattern.isOpen()) {
                lists.of(pattern).forEach(each -> found.put(each.topic(), each));
            } else {
                named.add(new TopicName(pattern.text()));
            }
        }
        for (TopicName name : named) {
            found.put(name, new TopicExtent(name, Asked.of(log().extent(name), patience())));
        }
        return List.copyOf(found.values());
    }

    private void readFailures() throws NotNowException {
        for (StateRecord each : SinkBook.all(state(), SinkRecord.failures(sink.name()), RECORDS_PAGE, patience())) {
            SinkFailure failure = SinkFailure.of(each);
            if (failure != null) {
                failures.put(each.key(), failure);
            }
        }
        hanging = failures.remove(SinkFailure.OF_SINK);
    }

    private synchronized boolean isHeld() {
        return hanging != null && hanging.holds(sink.record(), 0, nowMs());
    }

    // ---- whose turn it is

    private boolean post(Collection<TopicName> topics) {
        synchronized (this) {
            topics.forEach(topic -> queue.add(new TopicPosts(this, topic)));
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < Math.min(PLACES, topics.size()); i++) {
                threads.execute(this::serve);
            }
        }
        synchronized (this) {
            return queue.isEmpty() && !isLeft;
        }
    }

    private void serve() {
        for (TopicPosts topic = next(); topic != null; topic = next()) {
            boolean isMore = false;
            try {
                isMore = topic.page();
            } catch (NotNowException e) {
                leave();
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "the sink {0} waits in {1}: {2}",
                        sink.name(),
                        topic.name(),
                        e.getMessage());
            } catch (BadRowException | IllegalStateException e) {
                LOGGER.log(
                        System.Logger.Level.ERROR, "the sink " + sink.name() + " cannot go on in " + topic.name(), e);
            }
            if (isMore) {
                synchronized (this) {
                    queue.add(topic);
                }
            }
        }
    }

    private synchronized void leave() {
        isLeft = true;
    }

    private @Nullable TopicPosts next() {
        synchronized (this) {
            return isHung || isOver || !time.isOpen() ? null : queue.poll();
        }
    }

    // ---- what topics ask for

    /// Whether another event may be posted in this call.
    boolean mayPost() throws NotNowException {
        synchronized (this) {
            if (isHung || isOver || !time.isOpen()) {
                return false;
            }
        }
        if (ports.book().isCurrent(sink, patience())) {
            return true;
        }
        synchronized (this) {
            isOver = true;
        }
        return false;
    }

    /// Whether one of the sink's rules matches. What cannot be compared is not meant.
    boolean isMeant(CloudEvents.Event event) {
        if (sink.definition().rules().isEmpty()) {
            return true;
        }
        try {
            return sink.rules().match(event.text());
        } catch (IllegalArgumentException e) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "an event cannot be compared with the rules of the sink " + sink.name() + ", and is passed over",
                    e);
            return false;
        }
    }

    Outcome post(CloudEvents.Event event, int attempt, boolean mayRepeat) throws NotNowException {
        ports.posted().accept(event.body().length);
        long begunNs = System.nanoTime();
        Outcome outcome =
                Asked.of(webhook.post(event, attempt, mayRepeat), time.forPost().plus(patience()));
        boolean isLate = System.nanoTime() - begunNs > HUNG_NS;
        switch (outcome) {
            case Outcome.Delivered _ -> onAnswer();
            case Outcome.Failed(String why, long waitMs) when isLate -> onHung(why, waitMs);
            case Outcome.Failed _ -> onAnswer();
            case Outcome.Gone _ -> onGone();
        }
        return outcome;
    }

    private void onAnswer() throws NotNowException {
        synchronized (this) {
            if (hanging == null) {
                return;
            }
            hanging = null;
        }
        forget(SinkFailure.OF_SINK);
    }

    private void onHung(String why, long waitMs) throws NotNowException {
        SinkFailure failure;
        synchronized (this) {
            if (isHung) {
                return;
            }
            isHung = true;
            failure = SinkFailure.after(hanging, sink.record(), 0, "", why, nowMs());
            failure = failure.waiting(waitMs(failure.attempts(), waitMs));
            hanging = failure;
        }
        keep(SinkFailure.OF_SINK, failure);
    }

    private void onGone() throws NotNowException {
        synchronized (this) {
            isOver = true;
        }
        SinkRecord record = sink.record();
        LOGGER.log(
                System.Logger.Level.WARNING,
                "the sink " + record.name() + " is disabled: its receiver answered 410; a replay enables it again");
        byte[] value = SinkRecord.encode(record.createdAtMs(), SinkRecord.GONE, record.definition());
        Asked.of(state().put(SinkRecord.SINKS, record.name(), value, record.version(), StateStore.NEVER), patience());
        ports.book().forgetAll();
    }

    long waitMs(int failed, long askedMs) {
        return Waits.ms(failed, askedMs, ports.random());
    }

    void keep(String key, SinkFailure failure) throws NotNowException {
        Asked.of(
                state().put(
                                SinkRecord.failures(sink.name()),
                                key,
                                failure.encode(),
                                StateStore.ANY_VERSION,
                                StateStore.NEVER),
                patience());
    }

    void forget(String key) throws NotNowException {
        Asked.of(state().delete(SinkRecord.failures(sink.name()), key, StateStore.ANY_VERSION), patience());
    }

    /// Puts an event with the dead letters.
    ///
    /// @return whether it is there
    boolean bury(CloudEvents.Event event, TopicName topic, SinkFailure failure) throws NotNowException {
        CompletableFuture<Boolean> buried = new CompletableFuture<>();
        Burial burial = new Burial(sink.definition(), event, topic) {
            @Override
            protected void onBuried(boolean isBuried) {
                buried.complete(isBuried);
            }
        };
        if (log().append(burial) == Admission.REFUSED || !Asked.of(buried, patience())) {
            return false;
        }
        LOGGER.log(
                System.Logger.Level.WARNING,
                "the sink " + sink.name() + " did not take an event of " + topic + " in " + failure.attempts()
                        + " attempts, and it is with the dead letters: " + failure.error());
        return true;
    }
}
