package io.topicstream.connection;

import io.topicstream.connection.ConnectionIds.Place;
import io.topicstream.log.Batch;
import io.topicstream.log.Extent;
import io.topicstream.log.Signals;
import io.topicstream.signal.Following;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.IntFunction;

/// The connections of a node, and through its neighbours those of all nodes. Thread-safe, but for what is said
/// otherwise.
///
/// What is asked of a connection runs on the thread of its lane; of a connection elsewhere it is asked by a signal
/// on `sys:node:` and the tag in its id, and answered by one on the tag of the node that asked. Only a node whose
/// lease holds is asked.
public final class NodeConnections implements Connections {
    private static final Answer GONE = new Answer(Outcome.GONE, null);
    private static final Answer UNKNOWN = new Answer(Outcome.UNKNOWN, null);
    private static final Answer UNREACHABLE = new Answer(Outcome.UNREACHABLE, null);

    private final NodeTag tag;
    private final List<LaneConnections> lanes;
    private final Signals signals;
    private final IntFunction<CompletionStage<Boolean>> isAlive;
    private final Ear ear;

    /// @param lanes by their numbers
    /// @param isAlive whether another node with a tag lives, as soon as that is known
    /// @param first of the first lane, which listens for the node
    public NodeConnections(
            NodeTag tag,
            List<LaneConnections> lanes,
            Signals signals,
            IntFunction<CompletionStage<Boolean>> isAlive,
            Following.Source first) {
        this.tag = tag;
        this.lanes = List.copyOf(lanes);
        this.signals = signals;
        this.isAlive = isAlive;
        this.ear = new Ear(first, tag.tag());
    }

    /// Begins to listen. Called once, on the first lane's thread.
    public void start() {
        ear.begin();
    }

    /// Ends it, when that thread has ended.
    public void stop() {
        ear.end();
    }

    @Override
    public CompletionStage<Answer> post(String id, byte[] text) {
        if (text.length > MAX_POST_BYTES) {
            throw new IllegalArgumentException("at most " + MAX_POST_BYTES + " bytes can be posted");
        }
        return ask(id, new Signal.Ask.Post(text));
    }

    @Override
    public CompletionStage<Answer> describe(String id) {
        return ask(id, new Signal.Ask.Describe());
    }

    @Override
    public CompletionStage<Boolean> mayBeOpen(String id) {
        Place place = ConnectionIds.placeOf(id);
        if (place == null) {
            return CompletableFuture.completedFuture(false);
        }
        if (place.nodeTag() != tag.tag()) {
            return isAlive.apply(place.nodeTag());
        }
        return describe(id).thenApply(answer -> switch (answer.outcome()) {
            case DONE, BUSY, UNREACHABLE -> true;
            case GONE, UNKNOWN -> false;
        });
    }

    @Override
    public CompletionStage<Answer> close(String id, int code, String reason) {
        return ask(id, new Signal.Ask.Close(code, reason));
    }

    private CompletionStage<Answer> ask(String id, Signal.Ask ask) {
        Place place = ConnectionIds.placeOf(id);
        if (place == null) {
            return CompletableFuture.completedFuture(UNKNOWN);
        }
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        LaneConnections lane = lanes.get(place.lane() % lanes.size());
        if (!lane.enqueue(() -> ask(lane, place, id, ask, answer))) {
            answer.complete(UNREACHABLE);
        }
        return answer;
    }

    /// On the thread of the lane.
    private void ask(LaneConnections lane, Place place, String id, Signal.Ask ask, CompletableFuture<Answer> answer) {
        Answer here = lane.answer(id, ask);
        // Whether the id is of this system takes a digest, which only those need that are not open here.
        if (here.outcome() != Outcome.GONE) {
            answer.complete(here);
            return;
        }
        if (!lane.isOurs(id)) {
            answer.complete(UNKNOWN);
            return;
        }
        if (place.nodeTag() == tag.tag()) {
            answer.complete(here);
            return;
        }
        // Of another node; or of this one under a tag that it no longer has, and then nobody has it.
        var _ = tag.isHeld(place.nodeTag()).whenComplete((held, failure) -> {
            if (failure != null) {
                answer.complete(UNREACHABLE);
            } else if (!held) {
                answer.complete(GONE);
            } else if (!lane.enqueue(() -> lane.ask(signals, tag.tag(), place.nodeTag(), id, ask, answer))) {
                answer.complete(UNREACHABLE);
            }
        });
    }

    /// Hears what other nodes ask of connections of this one, and what they answer. Owned by the first lane.
    private final class Ear extends Following {
        Ear(Source source, int tag) {
            super(source, SystemTopics.ofNode(tag));
        }

        @Override
        protected void onFollowing(Extent extent) {
            // What was asked meanwhile counts as lost for those who asked.
        }

        @Override
        public void onCommitted(Batch batch) {
            // Nothing is kept there.
        }

        @Override
        public void onSignal(byte[] signal) {
            switch (Signal.decode(signal)) {
                case Signal.ForConnection asked -> answer(asked);
                case Signal.OfConnection(long question, byte[] encoded) -> {
                    Answer answer = AnswerCodec.decode(encoded);
                    int lane = LaneConnections.laneOf(question);
                    if (answer != null && lane < lanes.size()) {
                        LaneConnections asking = lanes.get(lane);
                        var _ = asking.enqueue(() -> asking.onAnswer(question, answer));
                    }
                }
                case Signal.Said _,
                        Signal.MembershipChanged _,
                        Signal.Revoked _,
                        Signal.RoomChanged _,
                        Signal.RightsChanged _,
                        Signal.Presence _,
                        Signal.Notice _,
                        Signal.Receipt _,
                        Signal.Redacted _,
                        Signal.MembersChanged _ -> {}
                case null -> {}
            }
        }

        private void answer(Signal.ForConnection asked) {
            Place place = ConnectionIds.placeOf(asked.connectionId());
            if (place == null || place.lane() >= lanes.size()) {
                tell(asked, GONE);
                return;
            }
            LaneConnections lane = lanes.get(place.lane());
            if (!lane.enqueue(() -> tell(asked, lane.answer(asked.connectionId(), asked.ask())))) {
                tell(asked, GONE);
            }
        }

        private void tell(Signal.ForConnection asked, Answer answer) {
            Signal told = new Signal.OfConnection(asked.question(), AnswerCodec.encode(answer));
            // One that is refused is lost, as all signals may be.
            var _ = signals.signal(SystemTopics.ofNode(asked.fromNode()), told.encode());
        }
    }
}
