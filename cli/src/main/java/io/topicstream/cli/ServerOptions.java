package io.topicstream.cli;

import io.topicstream.client.ConnectionListener;
import io.topicstream.client.TopicStreamClient;
import io.topicstream.client.TopicStreamException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which server a command speaks to, and as whom.
final class ServerOptions {
    private static final String DEFAULT_SERVER = "http://127.0.0.1:8080";
    private static final long ANSWER_SECONDS = 30;

    @Option(
            names = "--server",
            paramLabel = "URL",
            description = "The server; $TOPICSTREAM_SERVER, or " + DEFAULT_SERVER + ".")
    private @Nullable String server;

    @Option(
            names = "--api-key",
            paramLabel = "KEY",
            description = "An API key; better in $TOPICSTREAM_API_KEY, where other users do not see it.")
    private @Nullable String apiKey;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description = "A token, instead of a key; better in $TOPICSTREAM_TOKEN.")
    private @Nullable String token;

    /// Whether the server stands on the command line or in the environment.
    boolean isNamed(Surroundings surroundings) {
        return server != null
                || !surroundings.variable("TOPICSTREAM_SERVER", "").isEmpty();
    }

    @Option(
            names = "--ca",
            paramLabel = "FILE",
            description = "Certificates in PEM by which the server's TLS is trusted, instead of those of Java; or"
                    + " $TOPICSTREAM_CA.")
    private @Nullable String ca;

    /// What speaks HTTP to the server, or null where Java's own trust is enough.
    private @Nullable HttpClient trusting(Surroundings surroundings) {
        String file = ca == null ? surroundings.variable("TOPICSTREAM_CA", "") : ca;
        return file.isEmpty() ? null : http(surroundings);
    }

    /// What speaks HTTP to the server.
    HttpClient http(Surroundings surroundings) {
        // Clients of the WebSocket want this executor, see TopicStreamClient.Builder#httpClient.
        HttpClient.Builder builder = HttpClient.newBuilder()
                .executor(Runnable::run)
                .connectTimeout(Duration.ofSeconds(10))
                .version(HttpClient.Version.HTTP_1_1);
        String file = ca == null ? surroundings.variable("TOPICSTREAM_CA", "") : ca;
        return file.isEmpty()
                ? builder.build()
                : builder.sslContext(context(Path.of(file))).build();
    }

    private static SSLContext context(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
            trusted.load(null, null);
            int count = 0;
            for (Certificate certificate :
                    CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                trusted.setCertificateEntry("ca" + count++, certificate);
            }
            if (count == 0) {
                throw new CommandFailure(ExitCodes.USAGE, file + " has no certificate in PEM");
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context;
        } catch (IOException e) {
            throw new CommandFailure(ExitCodes.USAGE, "cannot read the certificates of --ca: " + e.getMessage());
        } catch (GeneralSecurityException e) {
            throw new CommandFailure(ExitCodes.USAGE, file + " has no certificate in PEM: " + e.getMessage());
        }
    }

    /// The server's address without a trailing slash, `http` or `https`.
    URI address(Surroundings surroundings) {
        String text = server == null ? surroundings.variable("TOPICSTREAM_SERVER", DEFAULT_SERVER) : server;
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(ExitCodes.USAGE, "not a server's address: " + text);
        }
        String scheme = uri.getScheme();
        if (uri.getHost() == null
                || uri.getRawQuery() != null
                || uri.getRawFragment() != null
                || uri.getRawUserInfo() != null
                || !("http".equals(scheme) || "https".equals(scheme))) {
            throw new CommandFailure(
                    ExitCodes.USAGE, "a server's address looks like " + DEFAULT_SERVER + ", not like " + text);
        }
        return URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
    }

    /// Says that the connection was lost, and when it is tried again.
    static ConnectionListener telling(Surroundings surroundings) {
        return new ConnectionListener() {
            @Override
            public void onDisconnected(int code, String reason, long retryInMs) {
                Main.tell(surroundings, reason + "; trying again in " + retryInMs + " ms");
            }
        };
    }

    /// Whether a key or a token was given.
    boolean hasCredential(Surroundings surroundings) {
        return !apiKey(surroundings).isEmpty() || !token(surroundings).isEmpty();
    }

    private String apiKey(Surroundings surroundings) {
        return apiKey == null ? surroundings.variable("TOPICSTREAM_API_KEY", "") : apiKey;
    }

    private String token(Surroundings surroundings) {
        return token == null ? surroundings.variable("TOPICSTREAM_TOKEN", "") : token;
    }

    /// A client that is connected.
    TopicStreamClient connect(Surroundings surroundings, ConnectionListener listener) {
        // The same for every run: a message id is known again only to the user who published it.
        return connect(surroundings, listener, builder -> builder.user("cli"));
    }

    /// A client that is connected.
    ///
    /// @param own says what is the command's own
    TopicStreamClient connect(
            Surroundings surroundings, ConnectionListener listener, Consumer<TopicStreamClient.Builder> own) {
        URI http = address(surroundings);
        String path = http.getRawPath() == null || http.getRawPath().isEmpty() ? "/v1" : http.getRawPath();
        URI webSocket =
                URI.create((http.getScheme().equals("https") ? "wss://" : "ws://") + http.getRawAuthority() + path);
        TopicStreamClient.Builder builder = TopicStreamClient.builder(webSocket);
        HttpClient trusting = trusting(surroundings);
        if (trusting != null) {
            builder.httpClient(trusting);
        }
        own.accept(builder);
        TopicStreamClient client = builder.apiKey(apiKey(surroundings))
                .token(token(surroundings))
                .connectTimeout(Duration.ofSeconds(10))
                .failFast(true)
                .connectionListener(listener)
                .build();
        try {
            answer(client.connect());
        } catch (CommandFailure failure) {
            client.close();
            throw new CommandFailure(failure.exitCode(), http + ": " + failure.getMessage());
        }
        return client;
    }

    /// What a future brings, or the failure that it means.
    static <T> T answer(CompletableFuture<T> future) {
        try {
            return future.orTimeout(ANSWER_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (cause instanceof TimeoutException) {
                throw new CommandFailure(
                        ExitCodes.UNREACHABLE, "the server did not answer within " + ANSWER_SECONDS + " seconds");
            }
            if (cause instanceof TopicStreamException refused) {
                throw failure(refused);
            }
            throw e;
        }
    }

    /// What to say where a connection failed because the server's certificate is not trusted.
    static Optional<String> untrusted(Throwable failure) {
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof CertPathBuilderException || cause instanceof CertPathValidatorException) {
                return Optional.of("the server's certificate is not trusted (" + cause.getMessage()
                        + "); --ca or TOPICSTREAM_CA names the file of those to trust");
            }
        }
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                // One that is trusted, for what it says: it says another name.
                return Optional.of("the server's certificate is for another name (" + cause.getMessage() + ")");
            }
        }
        return Optional.empty();
    }

    /// The failure that an end of the client, or a refusal, means.
    static CommandFailure failure(TopicStreamException reason) {
        String message = String.valueOf(reason.getMessage());
        return switch (reason) {
            case TopicStreamException.Refused refused ->
                new CommandFailure(
                        switch (refused.code()) {
                            case "forbidden", "unauthenticated" -> ExitCodes.NOT_ALLOWED;
                            default -> ExitCodes.REFUSED;
                        },
                        message);
            case TopicStreamException.Ended ended ->
                new CommandFailure(
                        switch (ended.code()) {
                            case 401, 403, 4001, 4003 -> ExitCodes.NOT_ALLOWED;
                            default -> ExitCodes.UNREACHABLE;
                        },
                        untrusted(ended).orElse(message));
            case TopicStreamException.BufferFull _, TopicStreamException.NotConnected _ ->
                new CommandFailure(ExitCodes.UNREACHABLE, message);
        };
    }
}
