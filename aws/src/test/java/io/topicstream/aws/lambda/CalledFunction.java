package io.topicstream.aws.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.aws.audience.Callbacks;
import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.aws.audience.Later;
import io.topicstream.aws.audience.Task;
import io.topicstream.aws.audience.TaskCodec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The WebSocket function, called as a gateway and as itself would: connections are open where a test does not say
/// otherwise, what is posted to them is kept, and tasks wait until the test does them.
final class CalledFunction {
    private final Queue<Task> tasks = new ConcurrentLinkedQueue<>();
    private final Queue<String> posts = new ConcurrentLinkedQueue<>();
    private final Map<String, Queue<String>> postsTo = new ConcurrentHashMap<>();
    private final Map<String, Supplier<Callbacks.Answer>> answers = new ConcurrentHashMap<>();
    private final Queue<String> closed = new ConcurrentLinkedQueue<>();
    private final FrontDoor door;
    private final WebSocketFunction function;
    private final String key;
    private volatile boolean refusesTasks;

    private final class Open implements Callbacks {
        @Override
        public Answer post(String connectionId, byte[] text) {
            Answer answer =
                    answers.getOrDefault(connectionId, () -> Answer.DONE).get();
            if (answer == Answer.DONE) {
                posts.add(new String(text, UTF_8));
                postsTo(connectionId).add(new String(text, UTF_8));
            }
            return answer;
        }

        @Override
        public Answer describe(String connectionId) {
            return Answer.DONE;
        }

        @Override
        public void close(String connectionId, int code, String reason) {
            closed.add(connectionId + " " + code + " " + reason);
        }
    }

    private final class Kept implements Later {
        @Override
        public void call(Task task, Duration after) {
            if (refusesTasks) {
                throw new IllegalStateException("no call is taken");
            }
            tasks.add(task);
        }
    }

    CalledFunction(FrontDoor.Ports ports, DoorSettings settings) {
        this(ports, settings, InstantSource.system());
    }

    CalledFunction(FrontDoor.Ports ports, DoorSettings settings, InstantSource clock) {
        door = new FrontDoor(ports, settings, new Open(), new Kept(), clock);
        function = new WebSocketFunction(door, clock);
        key = door.keys().create("ann", null).toCompletableFuture().join().secret();
    }

    /// What it is made of.
    FrontDoor door() {
        return door;
    }

    /// What was posted, in order.
    Queue<String> posts() {
        return posts;
    }

    /// What was posted to one connection, in order.
    Queue<String> postsTo(String connectionId) {
        return postsTo.computeIfAbsent(connectionId, _ -> new ConcurrentLinkedQueue<>());
    }

    /// From now on the gateway answers so to what is posted to the connection; all others are open.
    void answers(String connectionId, Supplier<Callbacks.Answer> each) {
        answers.put(connectionId, each);
    }

    /// What was closed, in order: which connection, with which code, and why.
    Queue<String> closed() {
        return closed;
    }

    /// From now on no call is taken that nobody waits for, or all are again.
    void refuseTasks(boolean refuses) {
        refusesTasks = refuses;
    }

    private static String event(String type, String connectionId, String rest) {
        return event(type, connectionId, "v1", rest);
    }

    private static String event(String type, String connectionId, String stage, String rest) {
        return "{\"requestContext\":{\"eventType\":\"" + type + "\",\"connectionId\":\"" + connectionId
                + "\",\"stage\":\"" + stage + "\",\"identity\":{\"sourceIp\":\"127.0.0.1\"}}" + rest + "}";
    }

    /// Takes any payload.
    ///
    /// @return the result
    String handle(byte[] payload) {
        return new String(function.handle(payload), UTF_8);
    }

    /// A client with a key wants to connect.
    ///
    /// @return the result
    String connect(String connectionId) {
        return connect(connectionId, "\"multiValueHeaders\":{\"X-Api-Key\":[\"" + key + "\"]}");
    }

    /// A client wants to connect.
    ///
    /// @param shown members of the event, with what it shows
    /// @return the result
    String connect(String connectionId, String shown) {
        // A handshake always has fields.
        String fields = shown.contains("\"multiValueHeaders\"") ? "" : ",\"multiValueHeaders\":{}";
        return handle(event("CONNECT", connectionId, "," + shown + fields).getBytes(UTF_8));
    }

    /// Somebody wants to chat.
    ///
    /// @param clientId that all tabs of a browser give; null for none
    /// @return the result
    String connectChat(String connectionId, @Nullable String clientId) {
        String given = clientId == null ? "" : "\"clientId\":[\"" + clientId + "\"]";
        return handle(event(
                        "CONNECT",
                        connectionId,
                        "dev",
                        ",\"multiValueHeaders\":{},\"multiValueQueryStringParameters\":{" + given + "}")
                .getBytes(UTF_8));
    }

    void frame(String connectionId, String frame) {
        function.handle(event("MESSAGE", connectionId, ",\"body\":\"" + frame.replace("\"", "\\\"") + "\"")
                .getBytes(UTF_8));
    }

    void disconnect(String connectionId) {
        function.handle(event("DISCONNECT", connectionId, "").getBytes(UTF_8));
    }

    /// Does one task.
    void doTask(Task task) {
        function.handle(TaskCodec.encode(task, TaskCodec.AT_ONCE));
    }

    /// Takes the next task, to be done or not.
    Task nextTask() {
        return tasks.remove();
    }

    /// Does all tasks.
    void doTasks() {
        for (Task task = tasks.poll(); task != null; task = tasks.poll()) {
            doTask(task);
        }
    }
}
