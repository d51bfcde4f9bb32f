package io.topicstream.server.forgetful;

import io.topicstream.command.CommandLimits;
import io.topicstream.server.Engine;
import io.topicstream.server.scenario.AboutDialectScenarios;
import io.topicstream.server.scenario.AboutScenarios;
import io.topicstream.server.scenario.Deployment;
import io.topicstream.server.scenario.DevStageScenarios;
import io.topicstream.server.scenario.DirectScenarios;
import io.topicstream.server.scenario.HistoryScenarios;
import io.topicstream.server.scenario.LiveStageScenarios;
import io.topicstream.server.scenario.NameScenarios;
import io.topicstream.server.scenario.NativeScenarios;
import io.topicstream.server.scenario.PresenceScenarios;
import io.topicstream.server.scenario.PrivacyScenarios;
import io.topicstream.server.scenario.RedactScenarios;
import io.topicstream.server.scenario.RightsScenarios;
import io.topicstream.server.scenario.RoomDeletionDialectScenarios;
import io.topicstream.server.scenario.RoomScenarios;
import io.topicstream.server.scenario.StagingStageScenarios;
import io.topicstream.testkit.Seeds;
import java.time.InstantSource;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/// The scenarios on a front door that forgets everything between two frames, behind a gateway that does all that AWS's
/// may do.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForgetfulScenariosTest
        implements LiveStageScenarios,
                DevStageScenarios,
                StagingStageScenarios,
                NativeScenarios,
                DirectScenarios,
                PrivacyScenarios,
                PresenceScenarios,
                NameScenarios,
                RoomScenarios,
                RoomDeletionDialectScenarios,
                HistoryScenarios,
                AboutScenarios,
                AboutDialectScenarios,
                RightsScenarios,
                RedactScenarios {
    private Engine engine;
    private ForgetfulFrontDoor door;
    private Deployment deployment;

    @BeforeAll
    void open() {
        engine = Engine.inMemory(InstantSource.system());
        door = new ForgetfulFrontDoor(
                engine,
                InstantSource.system(),
                CommandLimits.DEFAULT,
                Weather.rough(Seeds.next("the gateway")),
                UnaryOperator.identity());
        deployment = deployment(door, false);
    }

    /// @param ordersFrames whether the gateway runs the frames of a connection in their order
    static Deployment deployment(ForgetfulFrontDoor door, boolean ordersFrames) {
        return new Deployment(List.of(door.uri()), Deployment.keys(door.keys()), false, ordersFrames)
                .administeredBy(door.keys(), door.rights());
    }

    @AfterAll
    void close() {
        door.close();
        engine.close().run();
    }

    @Override
    public Deployment deployment() {
        return deployment;
    }
}
