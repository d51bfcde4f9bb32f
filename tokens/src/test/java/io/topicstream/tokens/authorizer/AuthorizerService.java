package io.topicstream.tokens.authorizer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An operator's service at a real socket: takes one request a connection, and answers byte for byte what a test says.
public final class AuthorizerService implements AutoCloseable {
    /// What is answered by nothing at all, until whoever asked hangs up.
    public static final String NEVER = "never";

    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: ([0-9]+)");

    private final ServerSocket listening;
    private final Function<String, String> answerTo;
    private final List<String> heads = new CopyOnWriteArrayList<>();
    private final List<String> questions = new CopyOnWriteArrayList<>();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /// @param answerTo the whole answer to the body of a question, with its head; [#NEVER] for none
    public AuthorizerService(Function<String, String> answerTo) {
        this.answerTo = answerTo;
        try {
            listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    /// A whole answer.
    public static String answer(int status, String body) {
        return "HTTP/1.1 " + status + " Said\r\nConnection: close\r\nContent-Length: " + body.getBytes(UTF_8).length
                + "\r\n\r\n" + body;
    }

    public String url() {
        return "http://127.0.0.1:" + listening.getLocalPort() + "/who?by=name";
    }

    /// The bodies of all questions so far.
    public List<String> questions() {
        return questions;
    }

    /// The heads of all questions so far.
    public List<String> heads() {
        return heads;
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = listening.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException _) {
            // It was closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
                int next = in.read();
                if (next < 0) {
                    return;
                }
                head.write(next);
            }
            Matcher length = LENGTH.matcher(head.toString(ISO_8859_1));
            String body = length.find() ? new String(in.readNBytes(Integer.parseInt(length.group(1))), UTF_8) : "";
            heads.add(head.toString(ISO_8859_1));
            questions.add(body);
            String answer = answerTo.apply(body);
            if (answer.equals(NEVER)) {
                in.readAllBytes();
                return;
            }
            OutputStream out = socket.getOutputStream();
            out.write(answer.getBytes(UTF_8));
            out.flush();
        } catch (IOException _) {
            // Who asked has hung up.
        } finally {
            open.remove(socket);
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (Socket socket : open) {
                socket.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
