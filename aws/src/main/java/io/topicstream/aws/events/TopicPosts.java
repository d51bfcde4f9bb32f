package io.topicstream.aws.events;

import io.topicstream.events.CloudEvents;
import io.topicstream.events.SinkDefinition;
import io.topicstream.events.SinkRecord;
import io.topicstream.events.Webhook.Outcome;
import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import io.topicstream.tail.Place;
import org.jspecify.annotations.Nullable;

/// The events of one topic on their way to one sink in one call: one after the other, in order. Its place is stored
/// after each page, and where it stops: who is killed meanwhile has posted a page that is posted again. Blocks; owned
/// by one thread at a time.
final class TopicPosts {
    /// How many messages are read at once, and so how many may be posted again.
    static final int PAGE_MESSAGES = 100;

    private static final System.Logger LOGGER = System.getLogger(TopicPosts.class.getName());
    private static final int PAGE_BYTES = 64 * 1024;

    private final SinkTurn turn;
    private final TopicName topic;
    private final CloudEvents events;

    private @Nullable SinkFailure failure;
    private boolean isOpen;
    private boolean isResumed;
    private long version;
    private Place stored = Place.at(1);
    private Place place = Place.at(1);
    /// Up to which offset a message may have been posted before; -1 where that is not known yet.
    private long repeatsBefore = -1;

    TopicPosts(SinkTurn turn, TopicName topic) {
        this.turn = turn;
        this.topic = topic;
        this.events = new CloudEvents(topic);
        this.failure = turn.failureOf(topic);
    }

    TopicName name() {
        return topic;
    }

    private String partition() {
        return SinkRecord.places(turn.sink().name());
    }

    /// Posts a page.
    ///
    /// @return whether it is to go on in this call
    boolean page() throws NotNowException {
        if (!isOpen) {
            if (!turn.mayPost()) {
                return true;
            }
            open();
        }
        if (failure != null && failure.holds(turn.sink().record(), place.next(), turn.nowMs())) {
            return false;
        }
        Page page = read();
        if (page.messages().isEmpty()) {
            // What has failed was passed over by a replay, or trimmed.
            settle();
            var _ = store();
            return false;
        }
        if (repeatsBefore < 0) {
            long first = page.messages().getFirst().offset();
            repeatsBefore = Math.max(isResumed ? first + PAGE_MESSAGES : 0, place.readBefore());
        }
        for (Message message : page.messages()) {
            CloudEvents.Event event = events.of(place.epoch(), message);
            if (turn.isMeant(event)) {
                if (!turn.mayPost()) {
                    return store();
                }
                if (!post(message, event)) {
                    return false;
                }
            }
            moveTo(message.offset() + 1);
        }
        return store();
    }

    // ---- the place

    private void open() throws NotNowException {
        StateRecord record = Asked.of(turn.state().get(partition(), topic.value()), turn.patience());
        if (record == null) {
            long since = turn.sink().record().createdAtMs();
            long first = Asked.of(turn.log().offsetAt(topic, since), turn.patience());
            // Stored before anything is read, so that who comes after it knows that it has read.
            version = Asked.of(
                    turn.state()
                            .put(
                                    partition(),
                                    topic.value(),
                                    Place.at(first).encode(),
                                    StateStore.ABSENT,
                                    StateStore.NEVER),
                    turn.patience());
            stored = Place.at(first);
            if (version == 0) {
                record = Asked.of(turn.state().get(partition(), topic.value()), turn.patience());
            }
        }
        Place known = Place.of(record);
        if (record != null && known != null) {
            stored = known;
            version = record.version();
            isResumed = true;
        } else if (version == 0) {
            throw new NotNowException("its place has gone");
        }
        place = stored;
        isOpen = true;
    }

    private void moveTo(long next) {
        place = new Place(place.epoch(), next, place.missed(), place.readBefore());
    }

    /// Stores how far it is.
    ///
    /// @return whether it holds: not where another call has written it, or somebody has moved it
    private boolean store() throws NotNowException {
        if (place.equals(stored)) {
            return true;
        }
        long put = Asked.of(
                turn.state().put(partition(), topic.value(), place.encode(), version, StateStore.NEVER),
                turn.patience());
        if (put == 0) {
            return false;
        }
        version = put;
        stored = place;
        return true;
    }

    // ---- reading

    private Page read() throws NotNowException {
        Page page = readPage();
        if (place.epoch() != Place.ANY_EPOCH && place.epoch() != page.extent().epoch()) {
            // Offsets hold in the new life up to the last that both have.
            long common = Asked.of(turn.log().lastOffsetIn(topic, place.epoch()), turn.patience());
            if (place.next() - 1 > common) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "the log has another life, and the sink " + turn.sink().name() + " goes back in " + topic
                                + " from offset " + place.next() + " to " + (common + 1));
                moveTo(common + 1);
            }
            page = readPage();
        }
        place = new Place(page.extent().epoch(), place.next(), place.missed(), place.readBefore());
        long first = page.messages().isEmpty()
                ? page.extent().firstOffset()
                : page.messages().getFirst().offset();
        if (first > place.next()) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "the sink " + turn.sink().name() + " never gets the messages " + place.next() + " to " + (first - 1)
                            + " of " + topic + ": they were trimmed before it came to them");
            place = new Place(place.epoch(), first, place.missed() + first - place.next(), place.readBefore());
        }
        return page;
    }

    private Page readPage() throws NotNowException {
        return Asked.of(
                turn.log().read(topic, place.next(), Direction.FORWARD, PAGE_MESSAGES, PAGE_BYTES), turn.patience());
    }

    // ---- posting

    /// Posts an event.
    ///
    /// @return whether it is settled: taken, or with the dead letters
    private boolean post(Message message, CloudEvents.Event event) throws NotNowException {
        moveTo(message.offset());
        int attempts = failure == null ? 0 : failure.attemptsOf(turn.sink().record(), event.id());
        switch (turn.post(event, attempts + 1, message.offset() < repeatsBefore)) {
            case Outcome.Delivered _ -> {
                settle();
                return true;
            }
            case Outcome.Failed(String why, long waitMs) -> {
                return fail(message, event, why, waitMs);
            }
            case Outcome.Gone _ -> {
                var _ = store();
                return false;
            }
        }
    }

    private void settle() throws NotNowException {
        if (failure != null) {
            failure = null;
            turn.forget(topic.value());
        }
    }

    private boolean fail(Message message, CloudEvents.Event event, String why, long waitMs) throws NotNowException {
        SinkFailure now =
                SinkFailure.after(failure, turn.sink().record(), message.offset(), event.id(), why, turn.nowMs());
        LOGGER.log(
                System.Logger.Level.WARNING,
                "the sink " + turn.sink().name() + " did not take an event of " + topic + ": " + why);
        SinkDefinition definition = turn.sink().definition();
        boolean isTooMuch = now.attempts() >= definition.attempts()
                || now.failingMs() >= definition.giveUpAfter().toMillis();
        if (isTooMuch && turn.bury(event, topic, now)) {
            settle();
            return true;
        }
        // Its place says of which event that is: who has another one does not say what has failed.
        if (store()) {
            failure = now.waiting(turn.waitMs(now.attempts(), waitMs));
            turn.keep(topic.value(), failure);
        }
        return false;
    }
}
