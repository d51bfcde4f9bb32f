package io.topicstream.cli.aws;

import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.server.scenario.AboutDialectScenarios;
import io.topicstream.server.scenario.AboutHttpScenarios;
import io.topicstream.server.scenario.AboutScenarios;
import io.topicstream.server.scenario.Deployment;
import io.topicstream.server.scenario.DevStageScenarios;
import io.topicstream.server.scenario.DirectHttpScenarios;
import io.topicstream.server.scenario.DirectScenarios;
import io.topicstream.server.scenario.HastyScenarios;
import io.topicstream.server.scenario.HistoryScenarios;
import io.topicstream.server.scenario.HostileScenarios;
import io.topicstream.server.scenario.LiveStageScenarios;
import io.topicstream.server.scenario.NameScenarios;
import io.topicstream.server.scenario.NativeScenarios;
import io.topicstream.server.scenario.OrderScenarios;
import io.topicstream.server.scenario.PresenceScenarios;
import io.topicstream.server.scenario.PrivacyHttpScenarios;
import io.topicstream.server.scenario.PrivacyScenarios;
import io.topicstream.server.scenario.RedactHttpScenarios;
import io.topicstream.server.scenario.RedactScenarios;
import io.topicstream.server.scenario.RightsHttpScenarios;
import io.topicstream.server.scenario.RightsScenarios;
import io.topicstream.server.scenario.RoomDeletionDialectScenarios;
import io.topicstream.server.scenario.RoomDeletionHttpScenarios;
import io.topicstream.server.scenario.RoomScenarios;
import io.topicstream.server.scenario.StagingStageScenarios;
import io.topicstream.server.scenario.StreamScenarios;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/// The scenarios on the serverless edition, on one machine.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerlessScenariosTest
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
                StreamScenarios,
                HastyScenarios,
                OrderScenarios,
                HostileScenarios,
                AboutScenarios,
                AboutDialectScenarios,
                RightsScenarios,
                RedactScenarios,
                DirectHttpScenarios,
                PrivacyHttpScenarios,
                RoomDeletionHttpScenarios,
                AboutHttpScenarios,
                RedactHttpScenarios,
                RightsHttpScenarios {
    private LocalAws aws;
    private Deployment deployment;

    @BeforeAll
    void open() throws IOException {
        aws = new LocalAws(LocalAws.Parts.of(Dynoxide.get().table(), DynamoOptions.DEFAULTS), 0);
        deployment =
                Deployment.onFunctions(aws.uri(), aws.door().keys(), aws.door().rights());
    }

    @AfterAll
    void close() {
        aws.close();
    }

    @Override
    public Deployment deployment() {
        return deployment;
    }
}
