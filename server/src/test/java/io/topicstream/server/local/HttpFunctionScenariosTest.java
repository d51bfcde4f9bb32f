package io.topicstream.server.local;

import io.topicstream.access.Anonymous;
import io.topicstream.access.ApiKeys;
import io.topicstream.access.Authenticator;
import io.topicstream.access.Authenticators;
import io.topicstream.access.EndedRights;
import io.topicstream.access.FailedCredentials;
import io.topicstream.access.Grant;
import io.topicstream.access.RightfulCallers;
import io.topicstream.aws.http.HttpFunction;
import io.topicstream.command.CommandLimits;
import io.topicstream.command.Commands;
import io.topicstream.command.Quota;
import io.topicstream.door.Doorman;
import io.topicstream.door.Hosts;
import io.topicstream.door.Origins;
import io.topicstream.door.RefusedNames;
import io.topicstream.people.Memberships;
import io.topicstream.people.Names;
import io.topicstream.people.Notices;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.server.Engine;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.scenario.AboutHttpScenarios;
import io.topicstream.server.scenario.Deployment;
import io.topicstream.server.scenario.DirectHttpScenarios;
import io.topicstream.server.scenario.PrivacyHttpScenarios;
import io.topicstream.server.scenario.RedactHttpScenarios;
import io.topicstream.server.scenario.RightsHttpScenarios;
import io.topicstream.server.scenario.RoomDeletionHttpScenarios;
import io.topicstream.server.scenario.StreamScenarios;
import io.topicstream.testkit.RecordedPresence;
import io.topicstream.testkit.TestPeople;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/// The scenarios over HTTP, with the HTTP API as a function behind an HTTP API of this machine. Who listens does so on
/// a server beside it, over the same log and state.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpFunctionScenariosTest
        implements DirectHttpScenarios,
                PrivacyHttpScenarios,
                AboutHttpScenarios,
                RedactHttpScenarios,
                RightsHttpScenarios,
                RoomDeletionHttpScenarios,
                StreamScenarios {
    private Engine engine;
    private TopicStreamServer server;
    private EndedRights rights;
    private ServedFunction served;
    private Deployment deployment;

    @BeforeAll
    void open() {
        InstantSource clock = InstantSource.system();
        engine = Engine.inMemory(clock);
        server = TestServers.start(engine.shared(), TestServers.config());
        ApiKeys keys = new ApiKeys(engine.state(), new SecureRandom(), clock);
        rights = Deployment.rights(engine.state(), keys);
        rights.watch((task, delayMs) -> CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS)
                .execute(task));
        served = new ServedFunction(new HttpApi(function(keys, clock)::handle));
        deployment = new Deployment(List.of(TestServers.uri(server)), Deployment.keys(keys))
                .withHttpAt(served.uri())
                .administeredBy(keys, Deployment.rights(engine.state(), keys));
    }

    private HttpFunction function(ApiKeys keys, InstantSource clock) {
        Authenticator authenticators = new RightfulCallers(
                new Authenticators(
                        List.<Authenticator>of(keys, new Anonymous(Grant.DEFAULT)),
                        new FailedCredentials(clock, FailedCredentials.DEFAULT_LIMIT)),
                rights);
        Commands commands = new Commands(
                engine.log(),
                engine.feed(),
                TestPeople.of(
                        engine.state(),
                        engine.log(),
                        engine.feed(),
                        new Memberships(engine.state(), engine.log(), engine.feed(), clock, 500, 1_000),
                        new RecordedPresence(),
                        new Names(engine.state(), _ -> CompletableFuture.completedFuture(true)),
                        new Notices(engine.feed(), clock),
                        rights::endRoom,
                        clock),
                authenticators,
                TopicPolicies.DEFAULT,
                CommandLimits.DEFAULT);
        Doorman doorman = new Doorman(
                new Hosts(InetAddress.getLoopbackAddress(), List.of()),
                new Origins(List.of(Origins.LOOPBACK)),
                new RefusedNames(clock),
                authenticators);
        return new HttpFunction(new HttpFunction.Parts(engine.log(), commands, doorman, Quota.UNLIMITED, clock));
    }

    @AfterAll
    void close() {
        served.close();
        rights.stop();
        server.close();
        engine.close().run();
    }

    @Override
    public Deployment deployment() {
        return deployment;
    }
}
