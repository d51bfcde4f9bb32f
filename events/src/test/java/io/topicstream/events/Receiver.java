package io.topicstream.events;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// A webhook on loopback that keeps what comes, and answers as it is told. Thread-safe.
public final class Receiver implements AutoCloseable {
    private static final Pattern OFFSET =
            Pattern.compile("\"topic\":\"([^\"]*)\",\"epoch\":[0-9]+,\"offset\":([0-9]+)");

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private HttpServer server;
    private final int port;

    private volatile Function<Post, Integer> answers = _ -> 204;

    // Guarded by this.
    private final List<Post> posts = new ArrayList<>();
    private final List<Post> all = new ArrayList<>();

    /// What came.
    public record Post(
            String id, String timestamp, String signature, String attempt, String repeat, String type, String body) {
        public String topic() {
            Matcher matcher = OFFSET.matcher(body);
            return matcher.find() ? matcher.group(1) : "";
        }

        public long offset() {
            Matcher matcher = OFFSET.matcher(body);
            return matcher.find() ? Long.parseLong(matcher.group(2)) : 0;
        }

        /// The signature that it has to have.
        ///
        /// @param secret `whsec_` and base64
        public String signatureBy(String secret) {
            try {
                Mac mac = Mac.getInstance("HmacSHA256");
                byte[] key = Base64.getDecoder().decode(secret.substring("whsec_".length()));
                mac.init(new SecretKeySpec(key, "HmacSHA256"));
                byte[] signed = (id + "." + timestamp + "." + body).getBytes(StandardCharsets.UTF_8);
                return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    public Receiver() throws IOException {
        server = open(0);
        port = server.getAddress().getPort();
    }

    private HttpServer open(int wanted) throws IOException {
        HttpServer opened = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), wanted), 0);
        opened.createContext("/", this::take);
        opened.setExecutor(threads);
        opened.start();
        return opened;
    }

    public String url() {
        return "http://127.0.0.1:" + port + "/hook";
    }

    /// What it answers from now on: a status; 0 for closing the connection.
    public void answer(Function<Post, Integer> function) {
        answers = function;
    }

    /// Is not there any more.
    public void goDown() {
        server.stop(0);
    }

    public void comeUp() throws IOException {
        server = open(port);
    }

    /// What it took.
    public synchronized List<Post> posts() {
        return List.copyOf(posts);
    }

    /// What came, also what it did not take.
    public synchronized List<Post> all() {
        return List.copyOf(all);
    }

    /// The offsets of a topic that it took, each once, in the order in which they came first.
    public synchronized List<Long> taken(String topic) {
        Set<Long> taken = new LinkedHashSet<>();
        for (Post post : posts) {
            if (post.topic().equals(topic)) {
                taken.add(post.offset());
            }
        }
        return List.copyOf(taken);
    }

    private void take(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Post post = new Post(
                header(exchange, "webhook-id"),
                header(exchange, "webhook-timestamp"),
                header(exchange, "webhook-signature"),
                header(exchange, "topicstream-attempt"),
                header(exchange, "topicstream-repeat"),
                header(exchange, "content-type"),
                body);
        synchronized (this) {
            all.add(post);
        }
        int status = answers.apply(post);
        if (status >= 200 && status < 300) {
            synchronized (this) {
                posts.add(post);
            }
        }
        if (status >= 300 && status < 400) {
            exchange.getResponseHeaders().set("Location", url() + "/elsewhere");
        }
        if (status != 0) {
            exchange.sendResponseHeaders(status, -1);
        }
        exchange.close();
    }

    private static String header(HttpExchange exchange, String name) {
        String value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
