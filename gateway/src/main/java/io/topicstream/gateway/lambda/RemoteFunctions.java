package io.topicstream.gateway.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.http.HttpAnswer;
import io.topicstream.gateway.http.HttpCall;
import io.topicstream.gateway.http.HttpCalls;
import io.topicstream.gateway.json.JsonReading;
import io.topicstream.gateway.json.NotJsonException;
import io.topicstream.gateway.signature.Credentials;
import io.topicstream.gateway.signature.Encoding;
import io.topicstream.gateway.signature.Signer;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Functions behind Lambda's Invoke API: Lambda itself, its runtime interface emulator, or `sam local start-lambda`.
/// Thread-safe; does not block.
public final class RemoteFunctions implements Functions {
    /// The largest payload of an invocation, in bytes, and the largest result.
    public static final int MAX_PAYLOAD_BYTES = 6 << 20;

    /// The largest payload of an invocation that nobody waits for, in bytes.
    public static final int MAX_LATER_BYTES = 1 << 20;

    /// How long Lambda may take to accept such an invocation.
    private static final Duration ACCEPT_WITHIN = Duration.ofSeconds(10);

    private static final String PATH = "/2015-03-31/functions/";
    private static final int MAX_TOLD_CHARS = 300;

    private final HttpCalls calls;
    private final Settings settings;
    private final @Nullable Signer signer;
    private final InstantSource clock;

    /// Where functions are.
    ///
    /// @param endpoint of the Invoke API, without a path, for instance `https://lambda.eu-west-1.amazonaws.com`
    /// @param region in the scope of signatures
    /// @param credentials requests are signed with, or null for an emulator, which wants no signature
    /// @param endpoints of single functions, by their names, in place of the one above: for the runtime interface
    ///     emulator, which serves one function
    public record Settings(
            URI endpoint, String region, @Nullable Credentials credentials, Map<String, URI> endpoints) {
        public Settings {
            endpoints = Map.copyOf(endpoints);
        }
    }

    /// @param calls makes the calls; its bound on answers is to be [#MAX_PAYLOAD_BYTES] or more
    /// @param clock the time of day
    public RemoteFunctions(HttpCalls calls, Settings settings, InstantSource clock) {
        this.calls = calls;
        this.settings = settings;
        this.clock = clock;
        Credentials credentials = settings.credentials();
        this.signer = credentials == null ? null : new Signer(credentials, settings.region(), "lambda");
    }

    @Override
    public CompletionStage<Invocation> invoke(String name, byte[] payload, Duration within) {
        return call(name, payload, "RequestResponse", MAX_PAYLOAD_BYTES, within).thenCompose(this::invocation);
    }

    @Override
    public CompletionStage<Void> invokeLater(String name, byte[] payload) {
        return call(name, payload, "Event", MAX_LATER_BYTES, ACCEPT_WITHIN).thenCompose(answer -> {
            return answer.status() / 100 == 2
                    ? CompletableFuture.<Void>completedFuture(null)
                    : CompletableFuture.failedFuture(refused(answer));
        });
    }

    private CompletableFuture<HttpAnswer> call(
            String name, byte[] payload, String type, int maxBytes, Duration within) {
        if (payload.length > maxBytes) {
            return CompletableFuture.failedFuture(new IOException(
                    "The payload for " + name + " has " + payload.length + " bytes, more than " + maxBytes + "."));
        }
        URI uri = uri(name);
        Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.put("Content-Type", List.of("application/json"));
        headers.put("X-Amz-Invocation-Type", List.of(type));
        if (signer != null) {
            Map<String, String> signed = Map.of("Content-Type", "application/json", "X-Amz-Invocation-Type", type);
            signer.sign("POST", uri, signed, payload, clock.instant())
                    .forEach((header, value) -> headers.put(header, List.of(value)));
        }
        return calls.prepare(new HttpCall("POST", uri, headers), name, null, within)
                .send(Map.of(), payload);
    }

    private URI uri(String name) {
        String bare = FunctionNames.bare(name);
        URI own = settings.endpoints().get(bare);
        if (own != null) {
            String path = own.getRawPath();
            return path == null || path.length() < 2 ? own.resolve(PATH + "function/invocations") : own;
        }
        // Emulators know functions by their names alone.
        String called = settings.credentials() == null ? bare : name;
        return settings.endpoint().resolve(PATH + Encoding.percent(called) + "/invocations");
    }

    private CompletionStage<Invocation> invocation(HttpAnswer answer) {
        if (answer.status() != 200) {
            return CompletableFuture.failedFuture(refused(answer));
        }
        String error = header(answer, "X-Amz-Function-Error");
        if (error == null && settings.credentials() == null && isError(answer.body())) {
            error = "Unhandled";
        }
        return CompletableFuture.completedFuture(new Invocation(error, answer.body()));
    }

    /// Whether a result is what a failed function leaves. Emulators do not all say so in the header.
    private static boolean isError(byte[] body) {
        if (body.length == 0 || body[0] != '{') {
            return false;
        }
        try {
            return JsonReading.read(new String(body, UTF_8)) instanceof Map<?, ?> members
                    && members.get("errorMessage") instanceof String
                    && members.get("errorType") instanceof String
                    && !members.containsKey("statusCode");
        } catch (NotJsonException e) {
            return false;
        }
    }

    private static IOException refused(HttpAnswer answer) {
        String type = header(answer, "x-amzn-ErrorType");
        String told = new String(answer.body(), 0, Math.min(answer.body().length, MAX_TOLD_CHARS), UTF_8);
        return new IOException("The Invoke API answered " + answer.status() + (type == null ? "" : " " + type)
                + (told.isBlank() ? "." : ": " + told.strip()));
    }

    private static @Nullable String header(HttpAnswer answer, String name) {
        // The client's map does not mind the case of names.
        var values = answer.headers().get(name);
        return values == null || values.isEmpty() ? null : values.getFirst();
    }
}
