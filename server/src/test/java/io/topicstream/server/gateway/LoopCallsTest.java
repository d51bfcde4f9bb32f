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
import org.jspecify.annotations.Nullable;
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

    private CompletableFuture<HttpAnswer> send(String uri, String target, @Nullable String serverName) {
        HttpCall call = new HttpCall("POST", URI.create(uri), Map.of("X", List.of("1", "2")));
        return calls.prepare(call, target, serverName, LONG).send(Map.of("Y", List.of("3")), "body".getBytes(UTF_8));
    }

    @Test
    @SuppressWarnings("FutureReturnValueIgnored") // it is waited for
    void aCallOfALoopIsAnsweredOnThatLoop() throws Exception {
        String url = servers.http((exchange, body) -> Servers.answer(exchange, 200, new String(body, UTF_8)));
        for (EventLoop loop : TestLoopCalls.loops()) {
            AtomicReference<Thread> on = new AtomicReference<>();

            CompletableFuture<HttpAnswer> answer = loop.submit(
                            () -> send(url, url, null).whenComplete((_, _) -> on.set(Thread.currentThread())))
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
                        + exchange.getRequestHeaders().get("X")
                        + exchange.getRequestHeaders().get("Y")));
        String named = url.replace("127.0.0.1", "localhost");

        assertThat(new String(send(named, named, null).get().body(), UTF_8))
                .isEqualTo(named.substring("http://".length()) + " [1, 2][3]");
    }

    @Test
    void aNameThatNobodyHasIsAFailure() {
        assertThatThrownBy(() -> send("http://none.invalid/", "it", null).get())
                .hasCauseInstanceOf(UnknownHostException.class);
        assertThat(bounds.underWay("it")).isZero();
    }

    @Test
    void whoWantsTlsIsCalledByOthers() {
        assertThat(send("https://127.0.0.1/a", "it", "api.example.com")).isCompletedExceptionally();

        assertThat(others.asked).containsExactly("https://127.0.0.1/a api.example.com");
    }

    @Test
    void callsFailWhenItIsClosed() {
        String url = servers.raw(socket -> socket.getInputStream().readAllBytes());
        CompletableFuture<HttpAnswer> waiting = send(url, url, null);

        calls.close();

        assertThatThrownBy(waiting::get).hasMessageContaining("closed");
        assertThatThrownBy(() -> send(url, url, null).get()).hasMessageContaining("closed");
        assertThat(bounds.underWay(url)).isZero();
    }
}
