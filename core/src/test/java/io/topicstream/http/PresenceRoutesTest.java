package io.topicstream.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.Authentication;
import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.command.CommandLimits;
import io.topicstream.command.Commands;
import io.topicstream.command.Quota;
import io.topicstream.log.Deadlines;
import io.topicstream.log.InMemoryLog;
import io.topicstream.people.Memberships;
import io.topicstream.people.Presence;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.protocol.Query;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordedExchange;
import io.topicstream.testkit.RecordedPresence;
import io.topicstream.testkit.SteppedExecutor;
import io.topicstream.testkit.TestPeople;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PresenceRoutesTest {
    private final ManualClock clock = new ManualClock();
    private final SteppedExecutor executor = new SteppedExecutor(clock);
    private final InMemoryLog log = new InMemoryLog(clock, executor, 7);
    private final RecordedPresence presence = new RecordedPresence();
    private final HttpLane lane = new HttpLane(
            handOver -> executor.execute(handOver::run),
            new Deadlines(executor, executor),
            log,
            Quota.UNLIMITED,
            clock,
            _ -> {},
            (what, fault) -> {
                throw new AssertionError(what, fault);
            });
    private final InMemoryStateStore state = new InMemoryStateStore(clock, executor);
    private List<Grant> grants = Grant.DEFAULT;
    private final Routes routes = new Routes(
            List.of(new PresenceRoutes(new Commands(
                            log,
                            log,
                            TestPeople.of(state, log, log, new Memberships(state, log, log, clock, 1, 1), presence),
                            _ -> CompletableFuture.completedFuture(Authentication.NOT_MINE),
                            TopicPolicies.DEFAULT,
                            CommandLimits.DEFAULT))
                    .routes()),
            (access, exchange, then) -> {
                exchange.callAs(Identity.anonymous(null, null, grants));
                then.handle(exchange);
            },
            path -> false);

    private RecordedExchange ask(String target) {
        RecordedExchange exchange = new RecordedExchange(lane, "GET", target);
        routes.handle(exchange);
        executor.runAll();
        return exchange;
    }

    @Test
    void membersAreListed() {
        presence.has(new Presence.Members(
                List.of(new Query.Member("ann", "Ann", 2, 7), new Query.Member(null, null, 1, 8)), 3, "~next"));

        RecordedExchange answer = ask("/topics/room:1/members?limit=2&start_after=aaa");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.answer())
                .isEqualTo(
                        "{\"topic\":\"room:1\",\"members\":["
                                + "{\"user\":\"ann\",\"name\":\"Ann\",\"connections\":2,\"since\":7},"
                                + "{\"user\":null,\"name\":null,\"connections\":1,\"since\":8}],\"count\":3,\"next\":\"~next\"}");
        assertThat(presence.told()).containsExactly("asked for 2 in room:1 after aaa");
        ask("/topics/room:1/members");
        assertThat(presence.told()).containsExactly("asked for 100 in room:1 after ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"limit=0", "limit=1001", "limit=x", "limits=1"})
    void whatIsWrongIsRefused(String query) {
        assertThat(ask("/topics/room:1/members?" + query).status()).isEqualTo(400);
        assertThat(presence.told()).isEmpty();
    }

    @Test
    void whoMayNotSeeItIsRefused() {
        grants = List.of(new Grant("*", EnumSet.of(Permission.READ)));

        assertThat(ask("/topics/room:1/members").status()).isEqualTo(403);
        assertThat(ask("/topics/.x/members").status()).isEqualTo(400);
        assertThat(presence.told()).isEmpty();
    }
}
