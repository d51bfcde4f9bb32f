package io.topicstream.aws.runtime;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.tokens.authorizer.AuthorizerService;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An operator's service that answers one question on each connection, and hangs up at the next: as one does whose
/// connections have ended while a function stood still.
final class ForgetfulService implements AutoCloseable {
    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: ([0-9]+)");
    private static final String ANSWER =
            AuthorizerService.answer(200, "{\"user\":\"ada\",\"ttl_s\":0}").replace("Connection: close\r\n", "");

    private final ServerSocket listening;
    private final AtomicInteger hungUp = new AtomicInteger();

    ForgetfulService() {
        try {
            listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.startVirtualThread(this::accept);
    }

    String url() {
        return "http://127.0.0.1:" + listening.getLocalPort() + "/who";
    }

    /// How often it has hung up on a question.
    int hungUp() {
        return hungUp.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                Thread.startVirtualThread(() -> serve(socket));
            }
        } catch (IOException _) {
            // It was closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            if (!question(in)) {
                return;
            }
            socket.getOutputStream().write(ANSWER.getBytes(UTF_8));
            if (question(in)) {
                hungUp.incrementAndGet();
            }
        } catch (IOException _) {
            // Who asked has hung up.
        }
    }

    private static boolean question(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                return false;
            }
            head.write(next);
        }
        Matcher length = LENGTH.matcher(head.toString(ISO_8859_1));
        return !length.find() || in.readNBytes(Integer.parseInt(length.group(1))).length > 0;
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
