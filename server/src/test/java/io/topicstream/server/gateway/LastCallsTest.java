package io.topicstream.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.backend.Integrations;
import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.integration.Events;
import io.topicstream.gateway.model.Integration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LastCallsTest {
    private final ScriptedBackEnd loops = new ScriptedBackEnd();
    private final ScriptedBackEnd threads = new ScriptedBackEnd();
    private final LastCalls calls = new LastCalls(loops, threads);

    private void call(GatewayEvent event) {
        assertThat(calls.call(
                        event,
                        Integrations.of(Integration.Type.HTTP_PROXY, "http://a.example")
                                .made()))
                .isCompleted();
    }

    @Test
    void handshakesAndMessagesAreCalledOnTheLoops() throws Exception {
        call(Events.connect(Events.HEADERS, Map.of()));
        call(Events.message("chat", "{}"));

        assertThat(loops.next()).isEqualTo("CONNECT");
        assertThat(loops.next()).isEqualTo("MESSAGE {}");
        assertThat(threads.isQuiet()).isTrue();
    }

    @Test
    void endsAreToldOnThreadsOfTheirOwn() throws Exception {
        call(Events.disconnect(1000, "bye", Events.peer(null, Map.of(), Map.of())));

        assertThat(threads.next()).isEqualTo("DISCONNECT 1000 bye");
        assertThat(loops.isQuiet()).isTrue();
    }
}
