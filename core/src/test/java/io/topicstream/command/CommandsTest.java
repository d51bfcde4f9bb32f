package io.topicstream.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Authentication;
import io.topicstream.access.Credentials;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Speaker;
import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Draft;
import io.topicstream.log.Extent;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.Page;
import io.topicstream.log.TopicName;
import io.topicstream.people.Memberships;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.Query;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordedPresence;
import io.topicstream.testkit.RecordingListener;
import io.topicstream.testkit.Speakers;
import io.topicstream.testkit.SteppedExecutor;
import io.topicstream.testkit.SteppedLane;
import io.topicstream.testkit.TestPeople;
import io.topicstream.topic.Audience;
import io.topicstream.topic.Listener;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommandsTest {
    private static final TopicName TOPIC = new TopicName("t");
    private static final byte[] ID = {'1'};
    private static final int LARGE = 100 * 1024;
    private static final Query.Read READ = new Query.Read(ID, TOPIC, 0, Query.NOT_GIVEN, 10);
    private static final Query.Topics TOPICS = new Query.Topics(ID, "", 10, "");

    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor = new SteppedExecutor(clock);
    private final InMemoryLog log =
            new InMemoryLog(clock, executor, new InMemoryLog.Settings(7, 1 << 20, 1 << 24, Duration.ofHours(24)));
    private final SteppedLane lane = new SteppedLane(log, log, executor);
    private final InMemoryStateStore state = new InMemoryStateStore(clock, executor);
    private final Memberships memberships = new Memberships(state, log, log, clock, 10, 10);
    /// What was said, and who was asked about.
    private final List<String> reached = new ArrayList<>();

    private final Commands commands = new Commands(
            log,
            (topic, _) -> {
                reached.add("signal on " + topic.value());
                return Admission.ACCEPTED;
            },
            TestPeople.of(state, log, log, memberships, new RecordedPresence()),
            credentials -> {
                reached.add("credentials");
                return CompletableFuture.completedFuture(Authentication.NOT_MINE);
            },
            TopicPolicies.DEFAULT,
            CommandLimits.DEFAULT);

    /// A caller on the lane, by name.
    private final class Client implements LiveCaller {
        private final Identity identity =
                new Identity("ann", null, Identity.Credential.API_KEY, null, Grant.DEFAULT, Identity.NEVER);
        private final Listener listener = new RecordingListener("c1");
        private final Quota quota;

        Client(Quota quota) {
            this.quota = quota;
        }

        @Override
        public Identity identity() {
            return identity;
        }

        @Override
        public String connectionId() {
            return "c1";
        }

        @Override
        public String origin() {
            return "c1";
        }

        @Override
        public InetAddress address() {
            return InetAddress.getLoopbackAddress();
        }

        @Override
        public String stage() {
            return "v1";
        }

        @Override
        public Quota quota() {
            return quota;
        }

        @Override
        public Lane answerLane() {
            return Lane.DIRECT;
        }

        @Override
        public Listener listener() {
            return listener;
        }

        @Override
        public Audience audience() {
            return lane;
        }

        @Override
        public Speaker speaker() {
            return Speakers.on("c1");
        }

        @Override
        public Deadlines deadlines() {
            return lane.deadlines();
        }
    }

    private static Append append(String payload) {
        return new Append(
                TOPIC,
                List.of(new Draft(payload.getBytes(StandardCharsets.UTF_8), null, null)),
                "ann",
                "",
                Append.ANY_OFFSET,
                Lane.DIRECT) {
            @Override
            public void onAnswered(AppendResult result) {}
        };
    }

    /// The refusal that is all that came, at once.
    private static <T> Refusal refusal(CompletionStage<Result<T>> stage) {
        return switch (stage.toCompletableFuture().getNow(new Result.Refused<>(Refusal.unavailable()))) {
            case Result.Success<T> success -> throw new AssertionError("it ran: " + success);
            case Result.Refused<T>(Refusal refusal) -> refusal;
        };
    }

    /// What has come when all that can be done has been.
    private <T> T now(CompletionStage<T> stage) {
        executor.runAll();
        return stage.toCompletableFuture().resultNow();
    }

    private <T> T success(CompletionStage<Result<T>> stage) {
        return switch (now(stage)) {
            case Result.Success<T>(T value) -> value;
            case Result.Refused<T>(Refusal refusal) -> throw new AssertionError(refusal);
        };
    }

    @Test
    void whoHasUsedUpItsQuotaIsRefusedAndNothingIsRun() {
        Client client = new Client((_, _) -> false);
        List<Refusal> refusals = new ArrayList<>();

        if (commands.publish(client, append("1")) instanceof PublishCommand.Outcome.Refused(Refusal refusal)) {
            refusals.add(refusal);
        }
        commands.subscribe(client, new ClientFrame.Subscribe(ID, TOPIC, null, true), new SubscribeCommand.Answer() {
            @Override
            public void onSubscribed(Extent extent, long commonOffset, boolean truncated, Runnable begin) {
                throw new AssertionError("it ran");
            }

            @Override
            public void onRefused(Refusal refusal) {
                refusals.add(refusal);
            }
        });
        refusals.add(refusal(commands.unsubscribe(client, new ClientFrame.Unsubscribe(ID, TOPIC, true))));
        refusals.add(refusal(commands.signal(client, new ClientFrame.Signal(ID, TOPIC, new byte[] {'1'}))));
        refusals.add(refusal(commands.authenticate(
                client,
                new ClientFrame.Authenticate(ID, "token"),
                Credentials.none(InetAddress.getLoopbackAddress()))));
        refusals.add(refusal(commands.ask(client, READ, LARGE)));
        refusals.add(refusal(commands.ask(client, TOPICS, LARGE)));
        refusals.add(refusal(commands.read(client, READ, LARGE)));
        refusals.add(refusal(commands.topics(client, TOPICS, LARGE)));
        commands.subscribeAfterEnd(client, new ClientFrame.Subscribe(ID, TOPIC, null, true));
        executor.runAll();

        assertThat(refusals)
                .hasSize(9)
                .extracting(Refusal::code)
                .allMatch(code -> code == ErrorCode.RATE_LIMITED && code.retryable());
        assertThat(reached).isEmpty();
        assertThat(client.listener.topics()).isEmpty();
        assertThat(now(log.extent(TOPIC)).nextOffset()).isEqualTo(1);
        assertThat(now(memberships.list("ann"))).isEmpty();
    }

    @Test
    void aQuotaIsAskedOnceForEachCommandAndToldWhatItSays() {
        List<Integer> taken = new ArrayList<>();
        List<@Nullable String> callers = new ArrayList<>();
        Client client = new Client((caller, payloadBytes) -> {
            callers.add(caller.connectionId());
            return taken.add(payloadBytes);
        });

        assertThat(commands.publish(client, append("\"four\""))).isEqualTo(PublishCommand.Outcome.Accepted.ACCEPTED);
        executor.runAll();
        var signal = commands.signal(client, new ClientFrame.Signal(ID, TOPIC, new byte[] {'1', '2'}));
        var page = commands.ask(client, READ, LARGE);

        assertThat(success(signal)).isEqualTo(SignalCommand.Said.SAID);
        assertThat(success(page))
                .isInstanceOfSatisfying(
                        Query.ReadPage.class,
                        read -> assertThat(read.messages()).hasSize(1));
        assertThat(taken).containsExactly(6, 2, 0);
        assertThat(callers).containsOnly("c1");
        assertThat(reached).containsExactly("signal on t");
    }

    @Test
    void doorsThatMakeAnswersOfTheirOwnGetThePageItself() {
        TestCaller caller = new TestCaller(new Client(Quota.UNLIMITED).identity());
        assertThat(commands.publish(caller, append("1"))).isEqualTo(PublishCommand.Outcome.Accepted.ACCEPTED);
        executor.runAll();

        var page = commands.read(caller, READ, LARGE);
        var list = commands.topics(caller, TOPICS, LARGE);

        assertThat(success(page))
                .isInstanceOf(Page.class)
                .extracting(found -> found.messages().size())
                .isEqualTo(1);
        assertThat(success(list).topics()).singleElement().extracting("topic").isEqualTo(TOPIC);
    }

    @Test
    void namelessCallersWithoutAConnectionShareTheIdsOfTheirStage() {
        Identity nobody = Identity.anonymous(null, null, Grant.DEFAULT);

        assertThat(PublishCommand.idScope(new TestCaller(nobody, "http", Quota.UNLIMITED)))
                .isEqualTo("c:http");
        assertThat(PublishCommand.idScope(new Client(Quota.UNLIMITED))).isEqualTo("u:ann");
    }
}
