package io.topicstream.server.gateway;

import io.netty.channel.EventLoop;
import io.topicstream.connection.ConnectionIds;
import io.topicstream.dialect.Dialects;
import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.mapping.Mapped;
import io.topicstream.gateway.mapping.RequestMapping;
import io.topicstream.gateway.model.Integration;
import io.topicstream.server.delivery.LaneFront;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// TopicStream as a back end of the gateway: each message of a route is a frame of the connection's conversation, which
/// `$connect` begins, or else the first frame. Thread-safe; a conversation is its connection's event loop's.
///
/// Its answer to the gateway is that it took the frame. What comes of the frame is said in the conversation, as are
/// deliveries, and goes to the socket that the other back ends post to.
final class TopicStreamBackEnd implements BackEnd {
    private static final System.Logger LOGGER = System.getLogger(TopicStreamBackEnd.class.getName());

    private final RequestMapping requests;
    private final List<LaneFront> lanes;
    private final TalkOpening opening;
    private final int maxFrameBytes;

    /// @param lanes by their numbers
    /// @param maxFrameBytes how long a frame may be that a template made
    TopicStreamBackEnd(RequestMapping requests, List<LaneFront> lanes, TalkOpening opening, int maxFrameBytes) {
        this.requests = requests;
        this.lanes = lanes;
        this.opening = opening;
        this.maxFrameBytes = maxFrameBytes;
    }

    @Override
    public void prepare(Integration integration) {
        requests.prepare(integration);
    }

    @Override
    public CompletionStage<Answer> call(GatewayEvent event, Integration integration) {
        return switch (event.cause()) {
            case GatewayEvent.Connect _ ->
                onLoop(
                        event,
                        (front, answer) ->
                                opening.connect(front, event, dialect(integration), integration.timeoutMs(), answer));
            case GatewayEvent.Message _ -> message(event, integration);
            // The conversation has ended with the socket, whatever the routes are.
            case GatewayEvent.Disconnect _ -> CompletableFuture.completedStage(Talk.TAKEN);
        };
    }

    private CompletionStage<Answer> message(GatewayEvent event, Integration integration) {
        Mapped mapped;
        try {
            mapped = requests.map(event, integration);
        } catch (RuntimeException e) {
            return CompletableFuture.completedStage(failed("The mapping failed: " + e.getMessage()));
        }
        return switch (mapped) {
            case Mapped.Refused(Answer.Failed why) -> CompletableFuture.completedStage(why);
            case Mapped.Request request -> {
                byte[] frame = request.body();
                yield frame.length > maxFrameBytes
                        ? CompletableFuture.completedStage(
                                failed("The template's frame is too long: " + frame.length + " bytes."))
                        : onLoop(event, (front, answer) -> frame(front, event, integration, frame, answer));
            }
        };
    }

    private void frame(
            LaneFront front,
            GatewayEvent event,
            Integration integration,
            byte[] frame,
            CompletableFuture<Answer> answer) {
        if (!(front.connections().find(event.peer().connectionId()) instanceof GatewayConnection connection)) {
            answer.complete(Talk.GONE);
            return;
        }
        Dialects.Name dialect = dialect(integration);
        Talk known = connection.talk();
        if (known != null && known.dialect() != dialect) {
            answer.complete(failed("The conversation is in the dialect "
                    + known.dialect().wireName() + ", not " + dialect.wireName() + "."));
        } else if (known != null) {
            known.frame(frame, integration.timeoutMs(), answer);
        } else {
            Talk begun = new Talk(front.lane(), dialect);
            connection.begins(begun);
            begun.frame(frame, integration.timeoutMs(), answer);
            opening.firstFrame(front, event, connection, begun);
        }
    }

    private static Dialects.Name dialect(Integration integration) {
        for (Dialects.Name name : Dialects.Name.values()) {
            if (name.wireName().equals(integration.uri())) {
                return name;
            }
        }
        throw new IllegalArgumentException("no dialect: " + integration.uri());
    }

    private static Answer.Failed failed(String detail) {
        return new Answer.Failed(Answer.Failure.INTERNAL, detail);
    }

    /// What is done on the loop of a connection.
    private interface Work {
        void run(LaneFront front, CompletableFuture<Answer> answer);
    }

    /// Runs it on the loop of the event's connection, at once if that is here: so frames stay in their order.
    private CompletionStage<Answer> onLoop(GatewayEvent event, Work work) {
        ConnectionIds.@Nullable Place place = ConnectionIds.placeOf(event.peer().connectionId());
        if (place == null || place.lane() >= lanes.size()) {
            return CompletableFuture.completedStage(Talk.GONE);
        }
        LaneFront front = lanes.get(place.lane());
        EventLoop loop = front.lane().loop();
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        if (loop.inEventLoop()) {
            run(front, work, answer);
        } else {
            try {
                loop.execute(() -> {
                    run(front, work, answer);
                    front.lane().flush();
                });
            } catch (RejectedExecutionException _) {
                answer.complete(Talk.GONE);
            }
        }
        return answer;
    }

    private static void run(LaneFront front, Work work, CompletableFuture<Answer> answer) {
        try {
            work.run(front, answer);
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "an event could not be run", e);
            answer.complete(failed("The conversation failed: " + e));
        }
    }
}
