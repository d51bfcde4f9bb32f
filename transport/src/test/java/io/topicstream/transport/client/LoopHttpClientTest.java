package io.topicstream.transport.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Calls of servers that say what they are told to.
final class LoopHttpClientTest {
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, io());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Socket> accepted = new CopyOnWriteArrayList<>();
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final AtomicLong held = new AtomicLong();
    private final AnswerRoom room = new AnswerRoom() {
        @Override
        public boolean hold(int bytes) {
            held.addAndGet(bytes);
            return true;
        }

        @Override
        public void giveBack(long bytes) {
            held.addAndGet(-bytes);
        }
    };
    private final ServerSocket listening;
    private ClientNames names = _ -> CompletableFuture.completedFuture(List.of(InetAddress.getLoopbackAddress()));
    private LoopHttpClient client = client(new ClientLimits(100_000, 10));

    LoopHttpClientTest() throws IOException {
        listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    private static IoHandlerFactory io() {
        return Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    private LoopHttpClient client(ClientLimits limits) {
        return new LoopHttpClient(List.of((EventLoop) group.next()), limits, host -> names.of(host), room);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        listening.close();
        for (Socket socket : accepted) {
            socket.close();
        }
        threads.shutdownNow();
        group.shutdownGracefully(0, 10, TimeUnit.SECONDS).sync();
        assertThat(held).hasValue(0);
    }

    /// What a server does on a connection.
    private interface Connection {
        void run(Socket socket) throws Exception;
    }

    private void serve(Connection connection) {
        threads.execute(() -> {
            while (true) {
                try {
                    Socket socket = listening.accept();
                    accepted.add(socket);
                    threads.execute(() -> {
                        try (socket) {
                            connection.run(socket);
                        } catch (Exception _) {
                            // The client hung up.
                        }
                    });
                } catch (IOException _) {
                    return;
                }
            }
        });
    }

    /// Reads a head without its end; null at the end of the stream.
    private String head(Socket socket) throws IOException {
        StringBuilder head = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return null;
            }
            head.append((char) next);
        }
        heads.add(head.toString());
        return head.toString();
    }

    private static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    private record Answer(int status, Map<String, List<String>> fields, String body) {}

    private CompletableFuture<Answer> call(String method, byte[] body, Duration within) {
        return call(listening.getLocalPort(), method, body, within);
    }

    private CompletableFuture<Answer> call(int port, String method, byte[] body, Duration within) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        client.send(
                new ClientRequest("a.example", port, method, "/x?y", Map.of("A", List.of("1", "2"))),
                Map.of("B", List.of("3")),
                body,
                within.toNanos(),
                new AnswerListener() {
                    @Override
                    public void onAnswer(int status, Map<String, List<String>> fields, byte[] bytes) {
                        answer.complete(new Answer(status, fields, new String(bytes, ISO_8859_1)));
                    }

                    @Override
                    public void onFailure(Exception why) {
                        answer.completeExceptionally(why);
                    }
                });
        return answer;
    }

    private Answer answer(String method) throws Exception {
        return answer(method, new byte[0]);
    }

    private Answer answer(String method, byte[] body) throws Exception {
        try {
            return call(method, body, LONG).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /// Until the loop has done what it had to do by now.
    private void settle() throws Exception {
        group.next().submit(() -> {}).sync();
    }

    @Test
    void aRequestIsWrittenAsItIs() throws Exception {
        serve(socket -> {
            while (head(socket) != null) {
                say(socket, OK);
            }
        });

        answer("GET");
        answer("POST");

        String rest = " /x?y HTTP/1.1\r\nHost: a.example:" + listening.getLocalPort() + "\r\nA: 1\r\nA: 2\r\nB: 3\r\n";
        assertThat(heads).containsExactly("GET" + rest + "\r\n", "POST" + rest + "Content-Length: 0\r\n\r\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 16 * 1024, 16 * 1024 + 1, 3_000_000})
    void bodiesOfAnySizeArrive(int bytes) throws Exception {
        serve(socket -> {
            while (head(socket) != null) {
                byte[] body = socket.getInputStream().readNBytes(bytes);
                say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" + (char) body[bytes - 1]);
            }
        });
        byte[] body = new byte[bytes];
        body[bytes - 1] = 'z';

        assertThat(answer("POST", body).body()).isEqualTo("z");
        assertThat(answer("POST", body).body()).isEqualTo("z");
        assertThat(heads.getFirst()).contains("\r\nContent-Length: " + bytes + "\r\n");
        assertThat(accepted).hasSize(1);
    }

    @Test
    void aConnectionIsUsedAgainOnceItsAnswerHasEnded() throws Exception {
        CountDownLatch go = new CountDownLatch(2);
        serve(socket -> {
            while (head(socket) != null) {
                go.countDown();
                go.await();
                say(socket, OK);
            }
        });

        CompletableFuture<Answer> one = call("POST", new byte[0], LONG);
        CompletableFuture<Answer> two = call("POST", new byte[0], LONG);
        one.get();
        two.get();
        settle();
        for (int i = 0; i < 5; i++) {
            assertThat(answer("POST").body()).isEqualTo("ok");
        }

        assertThat(accepted).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
                "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
                OK + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged",
                OK + "x"
            })
    void aConnectionThatSaysMoreOrIsToEndIsClosed(String said) throws Exception {
        serve(socket -> {
            head(socket);
            say(socket, said);
            head(socket);
        });

        assertThat(answer("POST").body()).isEqualTo("ok");
        assertThat(answer("POST").body()).isEqualTo("ok");
        assertThat(accepted).hasSize(2);
        assertThat(heads).hasSize(2);
    }

    @Test
    void whatAKeptConnectionSaysUnaskedClosesIt() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        serve(socket -> {
            head(socket);
            say(socket, OK);
            go.await();
            say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged");
            head(socket);
            closed.countDown();
        });
        assertThat(answer("POST").body()).isEqualTo("ok");

        go.countDown();

        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(answer("POST").body()).isEqualTo("ok");
        assertThat(accepted).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({"GET,true", "HEAD,true", "OPTIONS,true", "POST,false", "PUT,false", "DELETE,false"})
    void onlyWhatChangesNothingIsSentAgain(String method, boolean again) throws Exception {
        serve(socket -> {
            head(socket);
            say(socket, "HTTP/1.1 204 OK\r\n\r\n");
            // It takes the second request, and is gone.
            head(socket);
        });
        answer(method);
        settle();

        if (again) {
            assertThat(answer(method).status()).isEqualTo(204);
            assertThat(heads).hasSize(3);
        } else {
            assertThatThrownBy(() -> answer(method))
                    .isInstanceOf(IOException.class)
                    .hasMessage("The connection was closed without an answer.");
            assertThat(heads).hasSize(2);
        }
    }

    @Test
    void aServerThatIsGoneEachTimeIsAskedTwiceAtMost() throws Exception {
        serve(socket -> {
            head(socket);
            if (accepted.size() == 1) {
                say(socket, OK);
                head(socket);
            }
        });
        answer("GET");
        settle();

        assertThatThrownBy(() -> answer("GET")).isInstanceOf(IOException.class);
        assertThat(heads).hasSize(3);
    }

    @Test
    void whatWasClosedMeanwhileIsNotUsed() throws Exception {
        AtomicInteger ended = new AtomicInteger();
        serve(socket -> {
            head(socket);
            say(socket, OK);
            socket.shutdownOutput();
            // The client has noticed that when it closes its own side.
            head(socket);
            ended.incrementAndGet();
        });
        for (int i = 1; i <= 3; i++) {
            assertThat(answer("POST").body()).isEqualTo("ok");
            int so = i;
            await().until(() -> ended.get() == so);
        }
        assertThat(accepted).hasSize(3);
    }

    @Test
    @SuppressWarnings("FutureReturnValueIgnored") // it is waited for
    void aRequestOfWhichNoByteCouldBeWrittenIsSentAgain() throws Exception {
        CountDownLatch reset = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        serve(socket -> {
            head(socket);
            say(socket, OK);
            if (accepted.size() == 1) {
                go.await();
                // The client can write nothing to it any more.
                socket.setSoLinger(true, 0);
                socket.close();
                reset.countDown();
            }
            head(socket);
        });
        answer("POST");
        settle();

        // The loop calls while it has not yet seen that.
        Future<CompletableFuture<Answer>> begun = group.next().submit(() -> {
            go.countDown();
            reset.await();
            return call("POST", new byte[0], LONG);
        });
        Answer answer = begun.get().get();

        assertThat(answer.body()).isEqualTo("ok");
        assertThat(accepted).hasSize(2);
        assertThat(heads).hasSize(2);
    }

    @Test
    void aCallWhoseConnectionIsStillBeingMadeTakesTooLong() throws Exception {
        List<CompletableFuture<Answer>> calls = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            // Nobody accepts: the last ones find no room to wait in.
            for (int i = 0; i < 5; i++) {
                calls.add(call(full.getLocalPort(), "POST", new byte[0], Duration.ofMillis(50)));
            }
            for (CompletableFuture<Answer> each : calls) {
                assertThatThrownBy(each::get).hasCauseInstanceOf(TimeoutException.class);
            }
        }
    }

    @Test
    void aServerMayAnswerBeforeItHasReadTheRequest() throws Exception {
        serve(socket -> {
            head(socket);
            say(socket, "HTTP/1.1 413 No\r\nContent-Length: 4\r\n\r\nmuch");
        });

        Answer answer = answer("POST", new byte[20_000_000]);

        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.body()).isEqualTo("much");
        assertThat(answer("POST").status()).isEqualTo(413);
        assertThat(accepted).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "HTTP/1.1 200 OK\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf",
                "HTTP/1.1 200 OK\r\n\r\nhalf"
            })
    void aResetIsNoEndOfAnAnswer(String said) throws Exception {
        serve(socket -> {
            head(socket);
            say(socket, said);
            await().until(() -> said.isEmpty() || held.get() > 0);
            socket.setSoLinger(true, 0);
        });

        assertThatThrownBy(() -> answer("POST")).isInstanceOf(IOException.class);
    }

    @Test
    void theEndOfTheConnectionEndsABodyWithoutALength() throws Exception {
        serve(socket -> {
            head(socket);
            say(socket, "HTTP/1.1 200 OK\r\n\r\nall of it");
        });

        assertThat(answer("POST").body()).isEqualTo("all of it");
    }

    @Test
    void aCallThatTakesTooLongClosesItsConnection() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        serve(socket -> {
            head(socket);
            head(socket);
            closed.countDown();
        });

        assertThatThrownBy(
                        () -> call("POST", new byte[0], Duration.ofMillis(100)).get())
                .hasCauseInstanceOf(TimeoutException.class);
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void eachCallHasItsOwnDeadlineAndEndsNoSooner() throws Exception {
        serve(socket -> {
            head(socket);
            head(socket);
        });
        CompletableFuture<Answer> none = call("POST", new byte[0], LONG);
        long fromNs = System.nanoTime();
        List<Integer> order = new CopyOnWriteArrayList<>();
        List<CompletableFuture<?>> ends = new ArrayList<>();
        for (int ms : new int[] {200, 50, 400, 55}) {
            ends.add(call("POST", new byte[0], Duration.ofMillis(ms)).handle((_, failure) -> {
                assertThat(failure).isInstanceOf(TimeoutException.class);
                assertThat(System.nanoTime() - fromNs).isGreaterThanOrEqualTo(ms * 1_000_000L);
                return order.add(ms / 10 * 10);
            }));
        }

        for (CompletableFuture<?> end : ends) {
            end.get();
        }
        assertThat(order).containsExactly(50, 50, 200, 400);
        assertThat(none).isNotDone();
    }

    @Test
    void theDeadlineHoldsWhileANameIsAskedFor() {
        CompletableFuture<List<InetAddress>> asked = new CompletableFuture<>();
        names = _ -> asked;

        assertThatThrownBy(
                        () -> call("POST", new byte[0], Duration.ofMillis(50)).get())
                .hasCauseInstanceOf(TimeoutException.class);
        asked.complete(List.of(InetAddress.getLoopbackAddress()));
        assertThat(accepted).isEmpty();
    }

    @Test
    void oneAddressIsTriedAfterTheOther() throws Exception {
        serve(socket -> {
            head(socket);
            say(socket, OK);
            head(socket);
        });
        CompletableFuture<List<InetAddress>> asked = new CompletableFuture<>();
        names = _ -> asked;
        CompletableFuture<Answer> answer = call("POST", new byte[0], LONG);

        // Nobody listens on the first one.
        asked.complete(List.of(InetAddress.ofLiteral("127.0.0.77"), InetAddress.ofLiteral("127.0.0.1")));

        assertThat(answer.get().body()).isEqualTo("ok");
    }

    @Test
    void whoIsNotThereIsAFailure() throws Exception {
        names = _ -> CompletableFuture.completedFuture(List.of());
        assertThatThrownBy(() -> answer("POST")).isInstanceOf(UnknownHostException.class);
        names = _ -> CompletableFuture.failedFuture(new IllegalStateException());
        assertThatThrownBy(() -> answer("POST")).isInstanceOf(UnknownHostException.class);
        names = _ -> CompletableFuture.completedFuture(List.of(InetAddress.ofLiteral("127.0.0.77")));
        assertThatThrownBy(() -> answer("POST")).isInstanceOf(java.net.ConnectException.class);
    }

    @ParameterizedTest
    @CsvSource({"0,20000,20000", "10,0,20000", "10,20000,0"})
    void connectionsAreNotKeptBeyondTheirBounds(int kept, int idleMs, int ageMs) throws Exception {
        client = client(new ClientLimits(1000, 1000, kept, Duration.ofMillis(idleMs), Duration.ofMillis(ageMs)));
        CountDownLatch closed = new CountDownLatch(1);
        serve(socket -> {
            head(socket);
            say(socket, OK);
            head(socket);
            closed.countDown();
        });

        answer("POST");

        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void callsFailWhenTheClientIsClosed() throws Exception {
        serve(this::head);
        CompletableFuture<List<InetAddress>> asked = new CompletableFuture<>();
        CompletableFuture<Answer> calling = call("POST", new byte[0], LONG);
        await().until(() -> heads.size() == 1);
        names = _ -> asked;
        CompletableFuture<Answer> asking = call("POST", new byte[0], LONG);
        settle();

        client.close();

        assertThatThrownBy(asking::get).hasMessageContaining("closed");
        assertThatThrownBy(calling::get).hasMessageContaining("closed");
        assertThatThrownBy(() -> answer("POST")).hasMessageContaining("closed");
    }
}
