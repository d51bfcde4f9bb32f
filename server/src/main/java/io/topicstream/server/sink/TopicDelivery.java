package io.topicstream.server.sink;

import io.topicstream.events.CloudEvents;
import io.topicstream.events.Webhook;
import io.topicstream.events.Webhook.Outcome;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.tail.Tail;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The events of one topic on their way to one sink: one after the other, in order. Owned by the sinks'
/// thread.
///
/// It has a page of messages only while it has one of the sink's places ([SinkRun]), of which there are
/// few; and it gives that back after each page, and while it waits after a failure. Its stored place may
/// be a page behind.
final class TopicDelivery implements Tail.Reader {
    /// How many messages are read at once, and so how many may be posted again after a crash.
    static final int PAGE_MESSAGES = 100;

    private static final int PAGE_BYTES = 64 * 1024;

    /// More than lies between two attempts.
    private static final long MOST_BETWEEN_MS = 2 * Webhook.LONGEST_WAIT.toMillis();

    private final SinkRun run;
    private final Tail tail;
    private final CloudEvents events;

    private State state = State.IDLE;
    private List<Message> page = List.of();
    private int at;
    private long epoch;
    /// Up to which offset a message may have been posted by who ran the sink before.
    private long repeatsBefore = -1;

    /// The id of the event that has failed; null where the last one did not.
    private @Nullable String failing;
    private int attempts;
    private long failedAtMs;
    /// For how long it has failed. A clock that is set ahead adds [#MOST_BETWEEN_MS] at most.
    private long failingMs;
    private @Nullable String failure;

    private enum State {
        /// Nothing to read.
        IDLE,
        /// It waits for a place.
        QUEUED,
        /// It has a place.
        RUNNING,
        /// It waits after a failure.
        WAITING,
        ENDED
    }

    TopicDelivery(SinkRun run, Tail.Source source, TopicName topic, Tail.Start start) {
        this.run = run;
        this.events = new CloudEvents(topic);
        this.tail = new Tail(source, topic, start, this);
    }

    void begin() {
        tail.begin();
    }

    void end() {
        state = State.ENDED;
        page = List.of();
        tail.end();
    }

    Tail tail() {
        return tail;
    }

    /// Why the last post failed, while no later one has succeeded.
    @Nullable
    String failure() {
        return failure;
    }

    int attempts() {
        return attempts;
    }

    @Override
    public void onReady() {
        if (state == State.IDLE) {
            queue();
        }
    }

    private void queue() {
        state = State.QUEUED;
        run.queue(this);
    }

    /// It has a place from now on, and gives it back with [SinkRun#release].
    void start() {
        if (state != State.QUEUED) {
            run.release();
            return;
        }
        state = State.RUNNING;
        tail.read(PAGE_MESSAGES, PAGE_BYTES);
    }

    @Override
    public void onRead(long life, List<Message> messages) {
        if (state != State.RUNNING) {
            return;
        }
        if (messages.isEmpty()) {
            rest();
            return;
        }
        if (repeatsBefore < 0) {
            long page = tail.isResumed() ? messages.getFirst().offset() + PAGE_MESSAGES : 0;
            repeatsBefore = Math.max(page, tail.readBefore());
        }
        page = messages;
        at = 0;
        epoch = life;
        step();
    }

    /// Gives its place back, and queues again behind the others where there is more.
    private void rest() {
        page = List.of();
        state = State.IDLE;
        run.release();
        if (tail.isReady()) {
            queue();
        }
    }

    /// Posts the next event of the page that is meant.
    private void step() {
        while (at < page.size()) {
            Message message = page.get(at);
            CloudEvents.Event event = events.of(epoch, message);
            if (run.isMeant(event)) {
                if (message.offset() > tail.next()) {
                    tail.advance(message.offset());
                }
                post(message, event);
                return;
            }
            at++;
        }
        long next = page.getLast().offset() + 1;
        if (next > tail.next()) {
            tail.advance(next);
        }
        page = List.of();
        tail.whenStored(() -> {
            if (state == State.RUNNING) {
                rest();
            }
        });
    }

    private void post(Message message, CloudEvents.Event event) {
        if (!event.id().equals(failing)) {
            // What failed before was taken back by time, or the topic was moved.
            attempts = 0;
            failingMs = 0;
            failure = null;
            failing = null;
        }
        run.post(event, attempts + 1, message.offset() < repeatsBefore, outcome -> {
            if (state != State.RUNNING) {
                return;
            }
            switch (outcome) {
                case Outcome.Delivered _ -> {
                    run.onDelivered();
                    done(message);
                }
                case Outcome.Failed(String why, long waitMs) -> onFailed(message, event, why, waitMs);
                case Outcome.Gone _ -> run.onGone();
            }
        });
    }

    private void done(Message message) {
        attempts = 0;
        failing = null;
        failure = null;
        tail.advance(message.offset() + 1);
        at++;
        step();
    }

    private void onFailed(Message message, CloudEvents.Event event, String why, long waitMs) {
        long nowMs = run.nowMs();
        failingMs = attempts == 0 ? 0 : failingMs + Math.clamp(nowMs - failedAtMs, 0, MOST_BETWEEN_MS);
        failedAtMs = nowMs;
        attempts++;
        failing = event.id();
        failure = why;
        run.onFailed(tail.topic(), why);
        if (run.isTooMuch(attempts, failingMs)) {
            run.bury(event, tail.topic(), attempts, why, isBuried -> {
                if (state != State.RUNNING) {
                    return;
                }
                if (isBuried) {
                    done(message);
                } else {
                    await(waitMs);
                }
            });
        } else {
            await(waitMs);
        }
    }

    private void await(long waitMs) {
        state = State.WAITING;
        page = List.of();
        run.release();
        run.later(
                () -> {
                    if (state == State.WAITING) {
                        queue();
                    }
                },
                attempts,
                waitMs);
    }

    @Override
    public void onMissed(long from, long to) {
        run.onMissed(tail.topic(), from, to);
    }

    @Override
    public void onDisplaced() {
        if (state != State.ENDED) {
            run.onDisplaced();
        }
    }
}
