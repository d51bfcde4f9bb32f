package io.topicstream.aws.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.access.EndedRights;
import io.topicstream.access.Identity;
import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.FrontDoor;
import io.topicstream.log.InMemoryLog;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.testkit.ManualClock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// That rights which were ended in one environment of a function have ended in all of them.
class RightsOfOthersTest {
    private static final String LET_IN = "{\"statusCode\":200}";

    private final ManualClock clock = new ManualClock();
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final InMemoryStateStore state = new InMemoryStateStore(clock, thread);
    private final FrontDoor.Ports ports = new FrontDoor.Ports(new InMemoryLog(clock, thread, 1), state, state);
    private final CalledFunction one = new CalledFunction(ports, DoorSettings.local(), clock);

    @AfterEach
    void end() {
        thread.shutdownNow();
    }

    private void block() {
        assertThat(one.door()
                        .rights()
                        .block("ann", Identity.NEVER, null)
                        .toCompletableFuture()
                        .join())
                .isPresent();
    }

    @Test
    void anEnvironmentThatHasServedKnowsItHalfASecondLater() {
        CalledFunction another = new CalledFunction(ports, DoorSettings.local(), clock);
        assertThat(another.connect("c1")).isEqualTo(LET_IN);

        block();
        clock.advance(Duration.ofMillis(EndedRights.LOOK_MS));

        assertThat(another.connect("c2")).contains("403");
        assertThat(one.connect("c3")).contains("403");
    }

    @Test
    void whoMayComeAgainIsNotClosedByAnEnvironmentThatHasNotHeardOfIt() {
        CalledFunction another = new CalledFunction(ports, DoorSettings.local(), clock);
        block();
        assertThat(another.connect("c1")).contains("403");

        assertThat(one.door().rights().unblock("ann").toCompletableFuture().join())
                .isTrue();
        assertThat(one.connect("c2")).isEqualTo(LET_IN);
        another.doTask(one.nextTask());

        assertThat(another.closed()).isEmpty();
        assertThat(another.posts())
                .singleElement(InstanceOfAssertFactories.STRING)
                .contains("\"type\":\"welcome\"");
    }

    @Test
    void anEnvironmentThatBeginsLaterKnowsItFromTheStart() {
        block();

        assertThat(new CalledFunction(ports, DoorSettings.local(), clock).connect("c1"))
                .contains("403");
    }
}
