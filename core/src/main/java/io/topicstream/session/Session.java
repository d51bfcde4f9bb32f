package io.topicstream.session;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.access.RightsChange;
import io.topicstream.access.RightsEnd;
import io.topicstream.access.Speaker;
import io.topicstream.command.LiveCaller;
import io.topicstream.command.Quota;
import io.topicstream.command.Refusal;
import io.topicstream.command.Result;
import io.topicstream.command.SignalCommand;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.people.UserConnection;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import io.topicstream.protocol.ReplySize;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.topic.Audience;
import io.topicstream.topic.Listener;
import java.net.InetAddress;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One client's conversation: frames in, commands run in order, frames out. It knows nothing of
/// sockets. Owned by one thread (the event loop of its connection); answers that arrive elsewhere are
/// moved there first.
///
/// ## Order
///
/// Frames run in the order in which they came. A publish is in its place when the log has accepted
/// it, so publishes follow each other without waiting; their answers are sent in the order of their
/// frames, whatever came first. Frames are held back, in their order:
///
/// - behind a `subscribe`, `unsubscribe`, `authenticate` or a request that says so, until it has taken effect;
/// - from the first [Query] on for which there is no room: while [#MAX_QUERIES] are under
///   way, or what all connections may have under way is used up;
/// - while the client does not take what it is told, or the engine has too many signals to pass on.
///
/// At most [HeldFrames#MOST_FRAMES] or [HeldFrames#MOST_BYTES] are held, then reading stops; what had been
/// read by then is one array. A client that says something and closes has said it all the same: what is held
/// back when the connection ends, and concerns more than the connection, is still done.
public final class Session implements LiveCaller, UserConnection, Consumer<ClientFrame> {
    /// How many queries of a session run at once.
    static final int MAX_QUERIES = 8;
    /// How many requests that hold nothing back are under way at once.
    static final int MAX_REQUESTS = 64;

    private static final int HELD_BACK = 1;
    static final int SLOWED_DOWN = 2;
    private static final int SIGNALLED_TOO_MUCH = 4;

    private final Node node;
    private final Sessions sessions;
    private final Listener listener;
    private final Outbound outbound;
    private SessionRecord record;
    private boolean ended;
    private boolean joinsDurable;
    /// Of one whose dialect keeps it in a room, once it was greeted.
    private @Nullable Announcement announcement;

    /// Frames that wait. Made when first needed.
    private @Nullable HeldFrames held;
    private boolean runningHeld;
    private boolean takingEffect;
    private byte notReading;
    /// Nothing of what is held back counts any more, or it is not known yet for whom it would.
    private boolean disowned;

    // How many queries are under way, and how many requests that hold nothing back.
    private byte queries;
    private byte requests;

    /// Made when first needed.
    private @Nullable PublishesInOrder publishes;
    private @Nullable Subscribing subscribing;

    /// @param sessions of the listener's thread
    public Session(Node node, Sessions sessions, SessionRecord record, Listener listener, Outbound outbound) {
        this.node = node;
        this.sessions = sessions;
        this.record = record;
        this.listener = listener;
        this.outbound = outbound;
    }

    // ---- the conversation's beginning and end

    /// Begins: joins the user's durable subscriptions, or with `joinDurable` false only names them.
    /// Answered once, on the session's thread; what is published afterwards to those topics arrives.
    public void open(boolean joinDurable, Opened answer) {
        joinsDurable = joinDurable;
        TopicName room = record.room();
        node.presence().opened(record.present());
        if (room == null || record.identity().may(Permission.SUBSCRIBE, room)) {
            sessions.open(this, joinDurable, answer);
        } else {
            answer.onRefused(new Refusal(ErrorCode.FORBIDDEN, "not allowed to listen to this room", room));
        }
    }

    /// Whether the user's durable subscriptions are joined for it, or else are for the client to join.
    @Override
    public boolean joinsDurable() {
        return joinsDurable;
    }

    /// Greets the client.
    ///
    /// @param subscriptions the user's durable ones: told in as many frames as they take
    public void greet(List<TopicExtent> subscriptions) {
        Greeting.send(node, record, subscriptions, outbound);
    }

    /// Tells those in the client's room that it has come. To be called when it has been greeted, so that it hears that
    /// too.
    public void announce() {
        TopicName room = record.room();
        if (room != null) {
            announcement = new Announcement(this, node.notices());
            announcement.makeWhenHearing(room);
        }
    }

    /// Ends: leaves all audiences. Answers that are under way go nowhere.
    public void end() {
        if (!ended) {
            ended = true;
            HeldFrames last = forgetHeld();
            if (last != null && !disowned && node.rights().endOf(record.identity()) == null) {
                runLast(last.iterator());
            }
            ClaimedName.ended(record, node.commands());
            sessions.closed(this);
            node.presence().closed(record.present());
            TopicName room = record.room();
            if (announcement != null && room != null) {
                announcement.onEnded(room);
            }
            sessions.audience().leaveAll(listener);
        }
    }

    /// Runs what was held back, as far as it is more than a matter of this connection.
    private void runLast(Iterator<ClientFrame> last) {
        while (last.hasNext()) {
            if (publishes != null && publishes.isChecking(() -> runLast(last))) {
                return;
            }
            ClientFrame frame = last.next();
            switch (frame) {
                case ClientFrame.Publish publish -> publish(publish);
                case ClientFrame.Say say -> publish(say.in(record.room()));
                case ClientFrame.Signal signal -> signal(signal);
                case ClientFrame.Subscribe subscribe -> node.commands().subscribeAfterEnd(this, subscribe);
                case ClientFrame.Unsubscribe unsubscribe -> node.commands().unsubscribeAfterEnd(this, unsubscribe);
                // What comes after it would be for whomever it names.
                case ClientFrame.Authenticate _ -> {
                    return;
                }
                case ClientFrame.Request request -> {
                    if (request.outlivesConnection()) {
                        var _ = node.commands().carryOut(this, request);
                    }
                }
                case Query _, ClientFrame.Aside _ -> {}
            }
        }
    }

    /// Ends the connection if its rights have ended. Called about once a second.
    public void lookAtRights() {
        if (!ended) {
            var _ = hasRights();
        }
    }

    @Override
    public void onRightsChanged(RightsChange change) {
        RightsEnd end = ended ? null : node.rights().endBy(change, record.identity());
        if (end != null) {
            endsBy(end);
        }
    }

    @Override
    public void onRoomDeleted(TopicName room) {
        if (!ended && (subscribing == null || !subscribing.isUnderWay(room))) {
            new DeletedRoom(this, sessions, outbound).leave(room);
        }
    }

    private boolean hasRights() {
        RightsEnd end = node.rights().endOf(record.identity());
        if (end != null) {
            endsBy(end);
        }
        return end == null;
    }

    private void endsBy(RightsEnd end) {
        if (!disowned) {
            node.rights().onConnectionEnded(end);
        }
        disowned = true;
        var _ = forgetHeld();
        outbound.close(end.closeCode(), end.reason());
    }

    /// Its listener is seen in the topic from now on.
    public void onEntered(TopicName topic) {
        node.presence().enter(topic, record.present());
        node.notices().tellOfListener(topic, record, true);
    }

    /// Its listener is seen in the topic no longer.
    public void onLeft(TopicName topic) {
        // When the connection has ended it has left all of them.
        if (!ended) {
            node.presence().leave(topic, record.present());
        }
        node.notices().tellOfListener(topic, record, false);
    }

    /// What a front door without a memory keeps.
    public SessionRecord record() {
        return record;
    }

    /// Whether every frame that came has been answered. It becomes so on the session's own thread only,
    /// so a front door without a memory looks after each task that it ran there.
    public boolean isIdle() {
        return !takingEffect
                && queries == 0
                && requests == 0
                && (publishes == null || publishes.isEmpty())
                && !isHolding();
    }

    boolean isEnded() {
        return ended;
    }

    // ---- LiveCaller

    @Override
    public Identity identity() {
        return record.identity();
    }

    @Override
    public String connectionId() {
        return record.connectionId();
    }

    @Override
    public InetAddress address() {
        return record.address();
    }

    @Override
    public String origin() {
        return record.withheldTag();
    }

    @Override
    public String stage() {
        return record.stage();
    }

    @Override
    public Quota quota() {
        return node.quota();
    }

    @Override
    public Lane answerLane() {
        return sessions.lane();
    }

    @Override
    public Listener listener() {
        return listener;
    }

    @Override
    public Audience audience() {
        return sessions.audience();
    }

    @Override
    public Speaker speaker() {
        return record;
    }

    @Override
    public Deadlines deadlines() {
        return sessions.deadlines();
    }

    // ---- frames

    /// Takes the next frame of the client, out of its dialect.
    @Override
    public void accept(ClientFrame frame) {
        if (!ended && (isHolding() || !runs(frame))) {
            hold(frame);
        }
    }

    /// Goes on after the client did not take what it was told, or there was no room for a reply. Called
    /// by the [Outbound].
    public void onRoom() {
        readOn(SIGNALLED_TOO_MUCH);
        runHeld();
    }

    private boolean isHolding() {
        return held != null && !held.isEmpty();
    }

    private void hold(ClientFrame frame) {
        if (held == null) {
            held = new HeldFrames(outbound);
        }
        if (!held.add(frame)) {
            outbound.close(ErrorCode.OVERLOADED.closeCode(), "too much waits on this server; come again");
        } else if (held.isFull()) {
            stopReading(HELD_BACK);
        }
    }

    private @Nullable HeldFrames forgetHeld() {
        HeldFrames forgotten = held;
        held = null;
        if (forgotten != null) {
            forgotten.release();
        }
        return forgotten;
    }

    /// From here on the frames behind it wait.
    void takesEffect() {
        takingEffect = true;
    }

    /// It has taken effect, or never will.
    void tookEffect() {
        takingEffect = false;
        runHeld();
    }

    /// Runs what is held, as far as it can be run now.
    private void runHeld() {
        if (runningHeld) {
            // A held frame has taken effect at once: the loop below goes on.
            return;
        }
        runningHeld = true;
        try {
            HeldFrames waiting = held;
            while (!ended && waiting != null && !waiting.isEmpty()) {
                ClientFrame next = waiting.take();
                if (!runs(next)) {
                    waiting.putBack(next);
                    return;
                }
                if (held != null) {
                    held.ran(next);
                }
                waiting = held;
            }
        } finally {
            runningHeld = false;
        }
        if (!ended) {
            readOn(HELD_BACK);
        }
    }

    /// Runs the frame.
    ///
    /// @return false if it has to wait: then nothing was done
    private boolean runs(ClientFrame frame) {
        if (takingEffect || (notReading & SIGNALLED_TOO_MUCH) != 0 || !outbound.hasRoom()) {
            return false;
        }
        if (!hasRights()) {
            return true;
        }
        if (frame instanceof Query query) {
            return query.id() == null || asks(query);
        }
        boolean runs = !(frame instanceof ClientFrame.Request) || requests < MAX_REQUESTS;
        if (runs) {
            run(frame);
        }
        return runs;
    }

    private void run(ClientFrame frame) {
        switch (frame) {
            case ClientFrame.Publish publish -> publish(publish);
            case ClientFrame.Say say -> publish(say.in(record.room()));
            case ClientFrame.Subscribe subscribe -> subscribing().subscribe(subscribe);
            case ClientFrame.Unsubscribe unsubscribe -> subscribing().unsubscribe(unsubscribe);
            case Query _ -> throw new IllegalStateException("a query is asked, for which there may be no room");
            case ClientFrame.Signal signal -> signal(signal);
            case ClientFrame.Authenticate authenticate ->
                new Renewing(this, node, sessions, outbound).authenticate(authenticate);
            case ClientFrame.Request request -> carryOut(request);
            case ClientFrame.Aside aside ->
                answer(
                        node.commands().permits(this, aside)
                                ? Asides.answer(aside)
                                : Refusal.rateLimited(null).frame(aside.id()));
        }
    }

    /// Made when first needed: very many connections never subscribe.
    private Subscribing subscribing() {
        if (subscribing == null) {
            subscribing = new Subscribing(this, node, sessions, outbound);
        }
        return subscribing;
    }

    @Override
    public boolean takes(TopicName topic) {
        return record.format().joins(topic);
    }

    @Override
    public boolean isSubscribingDurably(TopicName topic) {
        return subscribing != null && subscribing.isSubscribingDurably(topic);
    }

    @Override
    public boolean isUnsubscribingDurably(TopicName topic) {
        return subscribing != null && subscribing.isUnsubscribingDurably(topic);
    }

    /// Asks what the query asks for.
    ///
    /// @return false if it has to wait
    private boolean asks(Query query) {
        int maxBytes = queries == MAX_QUERIES ? 0 : outbound.reserve(ReplySize.MAX_BYTES, queries == 0);
        if (maxBytes == 0) {
            return false;
        }
        queries++;
        CompletionStage<Result<Query.Answer>> asked = node.commands().ask(this, query, maxBytes);
        Result.await(deadlines(), asked, null, result -> {
            queries--;
            switch (result) {
                case Result.Success<Query.Answer>(Query.Answer answer) -> {
                    if (ended) {
                        outbound.release(maxBytes);
                    } else {
                        outbound.sendReserved(answer, maxBytes);
                    }
                }
                case Result.Refused<Query.Answer>(Refusal refusal) -> {
                    // If it came too late the engine is still at it, and what it makes takes room until then.
                    var _ = asked.whenComplete((_, _) -> outbound.release(maxBytes));
                    answer(refusal.frame(query.id()));
                }
            }
            runHeld();
        });
        return true;
    }

    private void carryOut(ClientFrame.Request request) {
        if (request.holdsBack()) {
            takingEffect = true;
        } else {
            requests++;
        }
        CompletionStage<Result<ServerFrame.Reply>> asked = node.commands().carryOut(this, request);
        Result.await(deadlines(), asked, null, result -> {
            switch (result) {
                case Result.Success<ServerFrame.Reply>(ServerFrame.Reply reply) -> {
                    changeBy(reply);
                    answer(reply);
                }
                case Result.Refused<ServerFrame.Reply>(Refusal refusal) -> {
                    ClaimedName.refused(request, asked, record, node.commands());
                    answer(refusal.frame(request.id()));
                }
            }
            if (request.holdsBack()) {
                tookEffect();
            } else {
                requests--;
                runHeld();
            }
        });
    }

    /// What the session knows of its client changes by what was done for it.
    private void changeBy(ServerFrame.Reply reply) {
        if (reply instanceof ServerFrame.Named named) {
            rename(ClaimedName.taken(record, named.name(), node.commands()));
        } else if (reply instanceof ServerFrame.Moved moved) {
            record = record.in(moved.room());
            if (announcement != null) {
                announcement.onMoved();
            }
        }
    }

    /// It has claimed a name, or has lost the one that it had claimed.
    void rename(SessionRecord renamed) {
        record = renamed;
        if (ended) {
            ClaimedName.ended(record, node.commands());
        } else {
            sessions.renamed(this);
            node.presence().renamed(record.present());
        }
    }

    private void signal(ClientFrame.Signal signal) {
        Result.await(deadlines(), node.commands().signal(this, signal), signal.topic(), result -> {
            switch (result) {
                case Result.Success<SignalCommand.Said>(SignalCommand.Said said) -> {
                    answer(new ServerFrame.Done(signal.id()));
                    if (said == SignalCommand.Said.SLOW_DOWN && !ended) {
                        stopReading(SIGNALLED_TOO_MUCH);
                        outbound.comeBackLater();
                    }
                }
                case Result.Refused<SignalCommand.Said>(Refusal refusal) -> answer(refusal.frame(signal.id()));
            }
        });
    }

    /// Frames behind wait, and it is not known for whom they would be run.
    void renews() {
        takingEffect = true;
        disowned = true;
    }

    /// The client is still who it was, and its frames count again.
    void renewed() {
        disowned = false;
        tookEffect();
    }

    /// The client has shown this of the same user.
    ///
    /// @return whether that still holds; if not the connection ends
    boolean takesOver(Identity shown) {
        record = record.with(ClaimedName.renewed(record, shown));
        return hasRights();
    }

    /// Sends an answer, unless the connection has ended.
    void answer(ServerFrame frame) {
        if (!ended) {
            outbound.send(frame);
        }
    }

    private void publish(ClientFrame.Publish frame) {
        if (publishes == null) {
            publishes = new PublishesInOrder(this, node, sessions.lane(), outbound);
        }
        publishes.run(frame);
    }

    // ---- reading

    void stopReading(int reason) {
        if (notReading == 0) {
            outbound.setReading(false);
        }
        notReading |= (byte) reason;
    }

    void readOn(int reason) {
        if (notReading != 0) {
            notReading &= (byte) ~reason;
            if (notReading == 0 && !ended) {
                outbound.setReading(true);
            }
        }
    }
}
