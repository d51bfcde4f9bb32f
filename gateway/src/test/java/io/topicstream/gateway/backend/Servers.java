package io.topicstream.gateway.backend;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Servers on the loopback, good ones and bad ones, for tests of who calls them.
public final class Servers implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();

    /// What a server does with a request.
    public interface Handler {
        void handle(HttpExchange exchange, byte[] body) throws Exception;
    }

    /// What a server does with a connection on which a request has come.
    public interface RawHandler {
        void handle(Socket socket) throws Exception;
    }

    /// A server that speaks HTTP; its address, without a slash at the end.
    public String http(Handler handler) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.setExecutor(threads);
            server.createContext("/", exchange -> {
                try (exchange) {
                    handler.handle(exchange, exchange.getRequestBody().readAllBytes());
                } catch (IOException e) {
                    throw e;
                } catch (Exception e) {
                    throw new IOException(e);
                }
            });
            server.start();
            open.add(() -> server.stop(0));
            return "http://127.0.0.1:" + server.getAddress().getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A server that says what it wants once a request's head has come.
    public String raw(RawHandler handler) {
        try {
            ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
            open.add(server);
            threads.execute(() -> {
                while (!server.isClosed()) {
                    try {
                        Socket socket = server.accept();
                        open.add(socket);
                        threads.execute(() -> {
                            try (socket) {
                                byte[] some = new byte[4096];
                                StringBuilder head = new StringBuilder();
                                while (head.indexOf("\r\n\r\n") < 0) {
                                    int read = socket.getInputStream().read(some);
                                    if (read < 0) {
                                        return;
                                    }
                                    head.append(new String(some, 0, read, ISO_8859_1));
                                }
                                handler.handle(socket);
                                // What was not read would make the end a reset, which loses what was written.
                                socket.shutdownOutput();
                                socket.setSoTimeout(2_000);
                                while (socket.getInputStream().read(some) >= 0) {
                                    // To the end.
                                }
                            } catch (Exception _) {
                                // The caller hung up, which is what some tests want.
                            }
                        });
                    } catch (IOException _) {
                        return;
                    }
                }
            });
            return "http://127.0.0.1:" + server.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// An address at which nobody listens.
    public static String nobody() {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "http://127.0.0.1:" + server.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Answers an exchange.
    public static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) {
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        for (AutoCloseable each : open) {
            try {
                each.close();
            } catch (Exception _) {
                // It is closed already.
            }
        }
        threads.shutdownNow();
    }
}
