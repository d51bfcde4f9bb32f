package io.topicstream.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.channel.EventLoop;
import io.topicstream.gateway.backend.Servers;
import io.topicstream.gateway.http.CallBounds;
import io.topicstream.gateway.http.HttpAnswer;
import io.topicstream.gateway.http.HttpCall;
import io.topicstream.gateway.http.HttpCallLimits;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class LoopCallsTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final Servers servers = new Servers();
    private final NoCalls others = new NoCalls();
    private final CallBounds bounds = new CallBounds(HttpCallLimits.DEFAULT);
    private final LoopCalls calls = new LoopCalls(TestLoopCalls.loops(), bounds, others);

    @AfterEach
    void close() {
        calls.close();
        servers.close();
    }

    private static HttpCall call(String uri) {
        return new HttpCall("POST", URI.create(uri), Map.of("X", List.of("1", "2")), "body".getBytes(UTF_8));
    }

    @Test
    void aCallOfALoopIsAnsweredOnThatLoop() throws Exception {
        String url = servers.http((exchange, body) -> Servers.answer(exchange, 200, new String(body, UTF_8)));
        for (EventLoop loop : TestLoopCalls.loops()) {
            AtomicReference<Thread> on = new AtomicReference<>();

            CompletableFuture<HttpAnswer> answer = loop.submit(() -> calls.send(call(url), url, null, LONG)
                            .whenComplete((_, _) -> on.set(Thread.currentThread())))
                    .get();

            assertThat(answer.get().body()).isEqualTo("body".getBytes(UTF_8));
            assertThat(loop.inEventLoop(on.get())).isTrue();
        }
    }

    @Test
    void aServerIsCalledByItsName() throws Exception {
        String url = servers.http((exchange, _) -> Servers.answer(
                exchange,
                200,
                exchange.getRequestHeaders().getFirst("Host") + " "
                        + exchange.getRequestHeaders().get("X")));
        String named = url.replace("127.0.0.1", "localhost");

        assertThat(new String(
                        calls.send(call(named), named, null, LONG).get().body(), UTF_8))
                .isEqualTo(named.substring("http://".length()) + " [1, 2]");
    }

    @Test
    void aNameThatNobodyHasIsAFailure() {
        assertThatThrownBy(() ->
                        calls.send(call("http://none.invalid/"), "it", null, LONG).get())
                .hasCauseInstanceOf(UnknownHostException.class);
        assertThat(bounds.underWay("it")).isZero();
    }

    @Test
    void whoWantsTlsIsCalledByOthers() {
        assertThat(calls.send(call("https://127.0.0.1/a"), "it", "api.example.com", LONG))
                .isCompletedExceptionally();

        assertThat(others.asked).containsExactly("https://127.0.0.1/a api.example.com");
    }

    @Test
    void callsFailWhenItIsClosed() {
        String url = servers.raw(socket -> socket.getInputStream().readAllBytes());
        CompletableFuture<HttpAnswer> waiting = calls.send(call(url), url, null, LONG);

        calls.close();

        assertThatThrownBy(waiting::get).hasMessageContaining("closed");
        assertThatThrownBy(() -> calls.send(call(url), url, null, LONG).get()).hasMessageContaining("closed");
        assertThat(bounds.underWay(url)).isZero();
    }
}
