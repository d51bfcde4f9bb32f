package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.TestClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A room is deleted in which clients of other dialects are.
public interface RoomDeletionDialectScenarios {
    Deployment deployment();

    @Test
    default void whoIsInARoomThatIsDeletedInTheRoomsDialectIsInGeneral() {
        String room = deployment().topic();
        String mark = deployment().topic();
        TestClient ann = deployment().client(0);
        RoomDeletionScenarios.ask(ann, RoomDeletionScenarios.asTopic("room", "room:" + room));
        TestClient cy = deployment().staging("?userId=cy&roomId=" + room);
        TestClient general = deployment().staging("?userId=dan");

        RoomDeletionScenarios.delete(ann, "room:" + room);

        assertThat(cy.within(RoomDeletionScenarios.A_WHILE, "\"type\":\"error\""))
                .hasValueSatisfying(told -> assertThat(told).contains("\"message\":\"Room " + room + " was deleted\""));
        // Where frames have no order, the next one may come before it has moved.
        await().atMost(RoomDeletionScenarios.A_WHILE).untilAsserted(() -> {
            cy.send("{\"type\":\"chat\",\"message\":\"" + mark + "\"}");
            assertThat(general.within(Duration.ofSeconds(2), mark))
                    .hasValueSatisfying(heard -> assertThat(heard).contains("\"roomId\":\"general\""));
        });
        RoomDeletionScenarios.say(ann, "room:" + room, "anybody there?");
        cy.send("{\"type\":\"chat\",\"message\":\"last." + mark + "\"}");
        cy.await("last." + mark);
        assertThat(cy.pending()).noneMatch(frame -> frame.contains("anybody there?"));
        for (TestClient client : List.of(ann, cy, general)) {
            client.close();
        }
    }

    @Test
    default void whoIsInTheRoomToWhichOneReturnsStaysThereWhenItIsDeleted() {
        String mark = deployment().topic();
        TestClient ann = deployment().client(0);
        TestClient cy = deployment().staging("?userId=cy");
        RoomDeletionScenarios.ask(ann, RoomDeletionScenarios.asTopic("room", "room:general"));

        RoomDeletionScenarios.delete(ann, "room:general");

        assertThat(cy.within(RoomDeletionScenarios.A_WHILE, "Room general was deleted"))
                .isPresent();
        cy.send("{\"type\":\"chat\",\"message\":\"" + mark + "\"}");
        assertThat(cy.await(mark)).contains("\"roomId\":\"general\"");
        ann.close();
        cy.close();
    }
}
