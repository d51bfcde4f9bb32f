package io.topicstream.client;

import io.topicstream.log.TopicName;
import io.topicstream.protocol.From;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The client's interest in one topic, from [TopicStreamClient#subscribe] until it is closed. The public
/// methods may be called from any thread.
///
/// ## How each message comes once
///
/// `last` is the offset of the last message that was put into the listener's mailbox. A message at or below it
/// is a repeat and is dropped; the one after it is taken; any other means that something is missing, and the
/// subscription reads the log from `last` on until it has reached what it had seen, and is live again. After a
/// lost connection it names `(epoch, last)` and the server goes on from there. A mailbox that is full pauses
/// the subscription: it leaves the topic, and comes back in the same way as after a lost connection. So there
/// is one way to come back, whatever happened.
///
/// Messages of the client's own that it did not want back (`echo`: false) leave holes that are none: their
/// offsets are known from the replies, or, after a reconnect, the messages by their ids.
public final class Subscription implements AutoCloseable {
    /// A position that is remembered outside the client: the last message that the listener has dealt with.
    ///
    /// @param offset 0 before the first message
    public record Position(long epoch, long offset) {
        /// Where a later subscription goes on.
        public From resume() {
            return new From.Resume(epoch, offset);
        }
    }

    private static final long UNKNOWN = -1;
    private static final int READ_LIMIT = 500;
    private static final int CALL_BYTES = 128;

    private enum State {
        /// Not asked for on this connection, or no answer yet.
        ASKED,
        LIVE,
        /// Something is missing and is being read.
        FILLING,
        /// The listener's mailbox is full.
        PAUSED,
        ENDED
    }

    private final Conversation conversation;
    private final TopicName topic;
    private final SubscriptionListener listener;
    private final SubscribeOptions options;
    private final Mailbox mailbox;
    private final CompletableFuture<Subscription> ready = new CompletableFuture<>();
    private volatile @Nullable Position handled;

    // Owned by the loop.
    private From from;
    private State state = State.ASKED;
    private long epoch;
    private long last = UNKNOWN;
    private long highestSeen;
    /// Counts what makes answers to earlier questions worthless.
    private int turn;
    private final Backoff tries;

    private final TreeSet<Long> withheld = new TreeSet<>();
    private final Set<String> quietIds = new HashSet<>();

    Subscription(
            Conversation conversation,
            TopicName topic,
            From from,
            SubscribeOptions options,
            SubscriptionListener listener) {
        this.conversation = conversation;
        this.topic = topic;
        this.from = from;
        this.options = options;
        this.listener = listener;
        this.tries = conversation.newBackoff();
        this.mailbox = conversation.mailbox(() -> conversation.loop().execute(this::onDrained));
    }

    /// The topic's name.
    public String topic() {
        return topic.value();
    }

    /// Completes when the server has taken the subscription for the first time; exceptionally if it never does.
    public CompletionStage<Subscription> ready() {
        return ready.minimalCompletionStage();
    }

    /// The last message that the listener has dealt with, or null before the first one and where the
    /// subscription began with new messages.
    public @Nullable Position position() {
        return handled;
    }

    /// Stops listening on this client. A durable subscription stays with the user. Calls that wait for the
    /// listener still come, then [SubscriptionListener#onEnded].
    @Override
    public void close() {
        conversation.release(this);
        conversation.loop().execute(() -> leave(false));
    }

    /// Stops listening, and for a durable subscription on all of the user's connections, for good.
    public void forget() {
        conversation.release(this);
        conversation.loop().execute(() -> leave(options.durable()));
    }

    // ---- on the loop

    TopicName name() {
        return topic;
    }

    private void leave(boolean forGood) {
        if (state != State.ENDED) {
            conversation.tell(ClientFrames.unsubscribe(topic, forGood));
            end(null);
        }
    }

    void end(@Nullable TopicStreamException reason) {
        if (state == State.ENDED) {
            return;
        }
        state = State.ENDED;
        turn++;
        conversation.forget(this);
        mailbox.enqueue(() -> listener.onEnded(reason), CALL_BYTES);
        conversation.callBack(() -> ready.completeExceptionally(Objects.requireNonNullElseGet(
                reason, () -> new TopicStreamException.Ended(1000, "the subscription was closed"))));
    }

    /// Asks the server for the topic, on a connection on which it has not been asked or has been left.
    void ask() {
        if (state == State.ENDED || state == State.PAUSED) {
            return;
        }
        state = State.ASKED;
        int asked = ++turn;
        From where = last == UNKNOWN ? from : new From.Resume(epoch, last);
        conversation.ask(
                id -> ClientFrames.subscribe(id, topic, where, options),
                reply -> {
                    if (turn == asked) {
                        onSubscribed(where, reply);
                    }
                },
                failure -> {
                    if (turn == asked) {
                        onRefused(failure, this::ask);
                    }
                });
    }

    /// The connection is gone; there will be another one.
    void onDisconnected() {
        if (state != State.ENDED && state != State.PAUSED) {
            state = State.ASKED;
            turn++;
        }
    }

    private void onSubscribed(From where, Heard.Reply reply) {
        state = State.LIVE;
        tries.reset();
        switch (where) {
            case From.Resume _ -> {}
            case From.New _ -> last = reply.nextOffset() - 1;
            case From.Earliest _ -> last = reply.firstOffset() - 1;
            case From.Offset(long offset) -> last = Math.max(1, offset) - 1;
            // Said again after a loss, it would mean others.
            case From.Last(long count) -> last = Math.max(reply.firstOffset(), reply.nextOffset() - count) - 1;
            // A time to come is like what is new, and may have come by the next connection. Of another one the
            // first message shows where it is.
            case From.Time(long time) -> last = conversation.isToCome(time) ? reply.nextOffset() - 1 : UNKNOWN;
        }
        if (where instanceof From.Resume(long askedEpoch, long askedOffset) && last == UNKNOWN) {
            epoch = askedEpoch;
            last = askedOffset;
        }
        epoch = Math.max(epoch, reply.epoch());
        conversation.callBack(() -> ready.complete(this));
    }

    private void onRefused(TopicStreamException failure, Runnable again) {
        if (failure instanceof TopicStreamException.Refused refused && refused.isRetryable()) {
            int now = turn;
            conversation.laterOnThisConnection(
                    () -> {
                        if (turn == now) {
                            again.run();
                        }
                    },
                    tries);
        } else {
            end(failure);
        }
    }

    void onMessage(ReceivedMessage message) {
        switch (state) {
            case LIVE -> take(message);
            case FILLING -> highestSeen = Math.max(highestSeen, message.offset());
            case ASKED, PAUSED, ENDED -> {}
        }
    }

    private void take(ReceivedMessage message) {
        long offset = message.offset();
        if (last == UNKNOWN) {
            last = offset - 1;
        }
        skipWithheld();
        if (offset <= last) {
            return;
        }
        if (offset > last + 1) {
            state = State.FILLING;
            highestSeen = offset;
            readOn();
            return;
        }
        deliver(message);
    }

    /// Puts the next message into the mailbox.
    private void deliver(ReceivedMessage message) {
        last = message.offset();
        String id = message.messageId();
        boolean unwanted = withheld.remove(message.offset())
                || (id != null && quietIds.contains(id) && conversation.isOurs(message.from()));
        if (unwanted) {
            return;
        }
        ReceivedMessage known = message.in(epoch);
        mailbox.enqueue(
                () -> {
                    try {
                        listener.onMessage(known);
                    } finally {
                        handled = new Position(known.epoch(), known.offset());
                    }
                },
                CALL_BYTES + message.sizeBytes());
        if (mailbox.isFull()) {
            state = State.PAUSED;
            turn++;
            conversation.tell(ClientFrames.unsubscribe(topic, false));
        }
    }

    private void onDrained() {
        if (state == State.PAUSED) {
            state = State.ASKED;
            if (conversation.isOpen()) {
                ask();
            }
        }
    }

    private void readOn() {
        int asked = ++turn;
        conversation.ask(
                id -> ClientFrames.readAfter(id, topic, last, READ_LIMIT),
                page -> {
                    if (turn == asked) {
                        onPage(page);
                    }
                },
                failure -> {
                    if (turn == asked) {
                        onRefused(failure, this::readOn);
                    }
                });
    }

    private void onPage(Heard.Reply page) {
        if (page.epoch() != epoch) {
            // Another life: only the server can say what is common.
            ask();
            return;
        }
        if (page.firstOffset() > last + 1) {
            onTruncated(epoch, page.firstOffset());
        }
        for (ReceivedMessage message : page.messages()) {
            if (state == State.FILLING && message.offset() == last + 1) {
                deliver(message);
            }
        }
        skipWithheld();
        if (state != State.FILLING) {
            return;
        }
        if (last >= highestSeen) {
            state = State.LIVE;
        } else if (page.messages().isEmpty()) {
            int now = turn;
            conversation.laterOnThisConnection(
                    () -> {
                        if (turn == now) {
                            readOn();
                        }
                    },
                    tries);
        } else {
            tries.reset();
            readOn();
        }
    }

    void onTruncated(long inEpoch, long firstOffset) {
        if (state == State.LIVE || state == State.FILLING) {
            epoch = Math.max(epoch, inEpoch);
            last = Math.max(last, firstOffset - 1);
            mailbox.enqueue(() -> listener.onTruncated(inEpoch, firstOffset), CALL_BYTES);
        }
    }

    void onReset(long newEpoch, long commonOffset) {
        if (state == State.LIVE || state == State.FILLING) {
            turn++;
            epoch = newEpoch;
            withheld.clear();
            if (last != UNKNOWN && last < commonOffset) {
                // Nothing that was taken is gone; what was missing before it is in the new life too.
                state = State.FILLING;
                highestSeen = commonOffset;
                readOn();
            } else {
                state = State.LIVE;
                last = commonOffset;
                mailbox.enqueue(() -> listener.onReset(newEpoch, commonOffset), CALL_BYTES);
            }
        }
    }

    void onSignal(@Nullable String who, String json) {
        if (state != State.ENDED && !mailbox.isFull()) {
            mailbox.enqueue(() -> listener.onSignal(who, json), CALL_BYTES + 2 * json.length());
        }
    }

    void onPresence(PresenceChange change) {
        hint(() -> listener.onPresence(change));
    }

    void onReceipt(Receipt receipt) {
        hint(() -> listener.onReceipt(receipt));
    }

    void onRedacted(List<Long> offsets) {
        hint(() -> listener.onRedacted(offsets));
    }

    /// Tells what may be lost, if there is room.
    private void hint(Runnable call) {
        if (state != State.ENDED && !mailbox.isFull()) {
            mailbox.enqueue(call, CALL_BYTES);
        }
    }

    /// A message of the client's own is on its way that is not to come back.
    void onQuietPublish(String messageId) {
        quietIds.add(messageId);
    }

    /// It has its offset.
    void onQuietPublished(String messageId, long inEpoch, long offset) {
        quietIds.remove(messageId);
        if ((epoch == 0 || inEpoch == epoch) && (last == UNKNOWN || offset > last)) {
            withheld.add(offset);
            skipWithheld();
        }
    }

    /// It will not be stored.
    void onQuietRefused(String messageId) {
        quietIds.remove(messageId);
    }

    private void skipWithheld() {
        if (last == UNKNOWN || state == State.FILLING) {
            return;
        }
        while (!withheld.isEmpty() && withheld.first() <= last + 1) {
            last = Math.max(last, withheld.pollFirst());
        }
    }
}
