package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TestClient;
import org.junit.jupiter.api.Test;

/// What a front door can promise that knows which of a connection's commands are under way: a change of
/// mind in one breath misses nothing. One that forgets everything between two frames may take an old
/// hint for a new one, and then goes on from what is published after it.
public interface HastyScenarios {
    Deployment deployment();

    @Test
    default void subscribingRightAfterUnsubscribingMissesNothing() {
        String topic = deployment().topic();
        TestClient client = deployment().live(0);

        for (int i = 0; i < 50; i++) {
            client.send(frame("subscribe", topic))
                    .send(frame("unsubscribe", topic))
                    .send(frame("subscribe", topic));
            for (int message = 0; message < 5; message++) {
                client.send("{\"topic\":\"" + topic + "\",\"message\":" + message + ",\"action\":\"publish\"}");
            }
            for (int message = 0; message < 5; message++) {
                assertThat(client.next()).isEqualTo("{\"topic\":\"" + topic + "\",\"message\":" + message + "}");
            }
        }

        client.close();
    }

    private static String frame(String action, String topic) {
        return "{\"topic\":\"" + topic + "\",\"action\":\"" + action + "\"}";
    }
}
