package io.topicstream.aws.lambda;

import io.topicstream.access.Credentials.Door;
import io.topicstream.access.Credentials.Request;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.audience.Later;
import io.topicstream.aws.audience.Opening;
import io.topicstream.aws.audience.Task;
import io.topicstream.aws.audience.TaskCodec;
import io.topicstream.aws.audience.TryAgainException;
import io.topicstream.door.RequestCredentials;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// The function behind all routes of a WebSocket API, the one that it calls later, and the one that a workflow asks:
/// events, tasks and questions in, results out. Blocks; thread-safe.
public final class WebSocketFunction {
    private final FrontDoor door;
    private final InstantSource clock;

    public WebSocketFunction(FrontDoor door, InstantSource clock) {
        this.door = door;
        this.clock = clock;
    }

    /// Handles an event of API Gateway, a task, or a question of a workflow. What it has begun has ended when this
    /// returns.
    ///
    /// @return the result, in JSON
    /// @throws IllegalArgumentException if it is something else
    /// @throws TryAgainException where a workflow is to ask again a little later
    public byte[] handle(byte[] payload) {
        WorkflowCall call = WorkflowCall.orNull(payload);
        if (call != null) {
            return ask(call);
        }
        return door.call(() -> {
            if (!TaskCodec.isTask(payload)) {
                return handle(new WebSocketEvent(payload));
            }
            TaskCodec codec = new TaskCodec();
            Task task = codec.decode(payload);
            waitUntil(codec.notBeforeMs());
            door.run(task);
            return WebSocketResult.ok();
        });
    }

    private byte[] ask(WorkflowCall call) {
        try {
            return door.call(() -> call.ask(door.distribution()));
        } catch (CompletionException e) {
            throw new TryAgainException("what this stands on does not answer just now", e);
        }
    }

    private void waitUntil(long notBeforeMs) {
        long waitMs = Math.min(notBeforeMs - clock.millis(), Later.LONGEST.toMillis());
        for (long untilNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(waitMs); System.nanoTime() < untilNs; ) {
            LockSupport.parkNanos(untilNs - System.nanoTime());
        }
    }

    private byte[] handle(WebSocketEvent event) {
        return switch (event.type()) {
            case "CONNECT" -> WebSocketResult.of(door.connect(opening(event)));
            case "MESSAGE" -> {
                door.message(event.connectionId(), event.body(), event.receivedMs(clock.millis()));
                yield WebSocketResult.ok();
            }
            case "DISCONNECT" -> {
                door.disconnected(event.connectionId());
                yield WebSocketResult.ok();
            }
            default -> throw new IllegalArgumentException("there is no event \"" + event.type() + "\"");
        };
    }

    private static Opening opening(WebSocketEvent event) {
        InetAddress address = event.address();
        List<String> hosts = event.headers("Host");
        return new Opening(
                event.connectionId(),
                event.stage(),
                address,
                RequestCredentials.of(new Asked(event), address, address.isLoopbackAddress()),
                event.headers("Origin"),
                hosts.isEmpty() ? null : hosts.getFirst(),
                event::parameter,
                event.headers("Sec-WebSocket-Protocol").stream()
                        .flatMap(offers -> Stream.of(offers.split(",", -1)))
                        .map(String::strip)
                        .toList());
    }

    /// A handshake, as authenticators see it.
    private record Asked(WebSocketEvent event) implements Request {
        @Override
        public Door door() {
            return Door.WEBSOCKET;
        }

        @Override
        public String stage() {
            return "/" + event.stage();
        }

        @Override
        public List<String> headers(String name) {
            return event.headers(name);
        }

        @Override
        public List<String> query(String name) {
            return event.parameters(name);
        }

        @Override
        public String toString() {
            return "a handshake (hidden)";
        }
    }
}
