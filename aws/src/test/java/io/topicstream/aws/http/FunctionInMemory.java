package io.topicstream.aws.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.access.Anonymous;
import io.topicstream.access.ApiKeys;
import io.topicstream.access.Authenticator;
import io.topicstream.access.Authenticators;
import io.topicstream.access.FailedCredentials;
import io.topicstream.access.Grant;
import io.topicstream.command.CommandLimits;
import io.topicstream.command.Commands;
import io.topicstream.command.Quota;
import io.topicstream.door.Doorman;
import io.topicstream.door.Hosts;
import io.topicstream.door.Origins;
import io.topicstream.door.RefusedNames;
import io.topicstream.http.Readiness;
import io.topicstream.http.Route;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.log.InMemoryLog;
import io.topicstream.people.Memberships;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.RecordedPresence;
import io.topicstream.testkit.TestPeople;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// The function over a log and a state in memory, whose answers can be held back.
final class FunctionInMemory implements AutoCloseable {
    static final String ADMIN = "administrator";

    private final ExecutorService engine = Executors.newSingleThreadExecutor();
    private final Queue<Runnable> held = new ConcurrentLinkedQueue<>();
    private final InMemoryLog log;
    private final InMemoryStateStore state;
    private final ApiKeys keys;
    private final HttpFunction function;
    private volatile boolean holds;

    FunctionInMemory() {
        this(Duration.ofSeconds(29), List.of(), Begun.NOTHING, new Readiness(List.of()));
    }

    FunctionInMemory(Duration patience, List<Route> more, Begun begun, Readiness readiness) {
        InstantSource clock = InstantSource.system();
        log = new InMemoryLog(clock, this::later, 7);
        state = new InMemoryStateStore(clock, engine);
        keys = new ApiKeys(state, new SecureRandom(), clock);
        Authenticators authenticators = new Authenticators(
                List.<Authenticator>of(keys, new Anonymous(Grant.DEFAULT)), new FailedCredentials(clock, 1000));
        Commands commands = new Commands(
                log,
                log,
                TestPeople.of(state, log, log, new Memberships(state, log, log, clock, 10, 10), new RecordedPresence()),
                authenticators,
                TopicPolicies.DEFAULT,
                CommandLimits.DEFAULT);
        Doorman doorman = new Doorman(
                new Hosts(InetAddress.ofLiteral("203.0.113.1"), List.of("abc.example")),
                new Origins(List.of("https://page.example")),
                new RefusedNames(clock),
                authenticators);
        function = new HttpFunction(new HttpFunction.Parts(
                log,
                commands,
                doorman,
                Quota.UNLIMITED,
                clock,
                readiness,
                ADMIN::equals,
                List.of(more),
                begun,
                _ -> {},
                HttpFunction.BODY_BYTES,
                patience));
    }

    private void later(Runnable task) {
        if (holds) {
            held.add(task);
        } else {
            engine.execute(task);
        }
    }

    /// From now on the log answers nothing.
    void hold() {
        holds = true;
    }

    /// Whether the log was asked something that it has not answered.
    boolean isAsked() {
        return !held.isEmpty();
    }

    /// The log answers again, also what it was asked meanwhile.
    void release() {
        holds = false;
        for (Runnable task = held.poll(); task != null; task = held.poll()) {
            engine.execute(task);
        }
    }

    /// A key of this user.
    String key(String user) {
        return keys.create(user, null).toCompletableFuture().join().secret();
    }

    Told call(Events event) {
        return Told.read(function.handle(event.encode()));
    }

    byte[] handle(byte[] event) {
        return function.handle(event);
    }

    @Override
    public void close() {
        log.close();
        state.close();
        engine.close();
    }

    /// What the gateway was told.
    record Told(int status, Map<String, String> headers, String text, boolean isBase64) {
        private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
        private static final JsonObjectReader.Member STATUS = MEMBERS.add("statusCode");
        private static final JsonObjectReader.Member HEADERS = MEMBERS.add("headers");
        private static final JsonObjectReader.Member BODY = MEMBERS.add("body");
        private static final JsonObjectReader.Member IS_BASE64 = MEMBERS.add("isBase64Encoded");

        static Told read(byte[] json) {
            JsonObjectReader reader = MEMBERS.build();
            if (!reader.read(json, 0, json.length) || !reader.otherNames().isEmpty()) {
                throw new AssertionError(new String(json, UTF_8));
            }
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            headers.putAll(reader.strings(HEADERS));
            return new Told((int) reader.integer(STATUS), headers, reader.string(BODY), reader.isTrue(IS_BASE64));
        }

        byte[] body() {
            return isBase64 ? Base64.getDecoder().decode(text) : text.getBytes(UTF_8);
        }

        @Nullable
        String header(String name) {
            return headers.get(name);
        }
    }
}
