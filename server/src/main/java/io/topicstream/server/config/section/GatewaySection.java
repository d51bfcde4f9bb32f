package io.topicstream.server.config.section;

import io.topicstream.gateway.GatewaySettings;
import io.topicstream.gateway.backend.BackEndSettings;
import io.topicstream.gateway.http.HttpCallLimits;
import io.topicstream.gateway.lambda.LocalFunctionSettings;
import io.topicstream.gateway.mapping.MappingLimits;
import io.topicstream.gateway.signature.SigningKey;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The APIs of API Gateway that the server runs beside its own stages.
///
/// @param definition the file that says which
/// @param parameters of the definition, pseudo-parameters among them
/// @param lambdaEndpoint where functions are invoked; null where they run on this machine
/// @param functions how they do that
/// @param settings how the gateway presents itself, and what it allows
/// @param calls what calls of back ends may cost
/// @param backEnds choices about back ends
/// @param templates what mapping templates may cost
/// @param keys with which callbacks must be signed; null: everybody may call who reaches the server
/// @param signingKeys with which handshakes may be signed that must be
/// @param allowRemoteWithoutSignatures whether others may reach a callback API that lets everybody call
public record GatewaySection(
        Path definition,
        Map<String, String> parameters,
        @Nullable URI lambdaEndpoint,
        LocalFunctionSettings functions,
        GatewaySettings settings,
        HttpCallLimits calls,
        BackEndSettings backEnds,
        MappingLimits templates,
        @Nullable List<SigningKey> keys,
        List<SigningKey> signingKeys,
        boolean allowRemoteWithoutSignatures) {
    public static final Rows ROWS = new Rows();

    /// Whether callbacks must be signed.
    enum Signatures {
        OFF,
        VERIFY
    }

    private static final LocalFunctionSettings FUNCTIONS = LocalFunctionSettings.DEFAULTS;
    private static final GatewaySettings.Limits LIMITS = GatewaySettings.Limits.DEFAULTS;

    private static final Setting<List<Path>> DEFINITION = ROWS.add(
            "gateway.definition",
            Kind.pathOrNone(),
            List.of(),
            "The APIs of API Gateway to run: a CloudFormation or SAM template, or the short form. Read again on change");
    private static final Setting<Map<String, String>> PARAMETERS = ROWS.add(
            "gateway.parameters", new TextsKind(), Map.of(), "Values of the definition's parameters, by their names");
    private static final Setting<List<String>> LAMBDA_ENDPOINT = ROWS.add(
            "gateway.lambda_endpoint",
            Kind.orNone(Kind.text("a URL such as http://127.0.0.1:3001", GatewaySection::isEndpoint)),
            List.of(),
            "Where functions are invoked by Lambda's Invoke API, in place of running them here; signed with"
                    + " AWS_ACCESS_KEY_ID where there is one");
    private static final Setting<Map<String, String>> FUNCTION_ENVIRONMENT = ROWS.add(
            "gateway.function_environment",
            new TextsKind(),
            Map.of(),
            "Variables of all functions that run here, in place of their own of the same names");
    private static final Setting<Integer> FUNCTION_PROCESSES = ROWS.add(
            "gateway.function_processes",
            Kind.number(1, 1_000),
            FUNCTIONS.processes(),
            "How many processes a function may have that reserves no concurrency");
    private static final Setting<Duration> FUNCTION_IDLE = ROWS.add(
            "gateway.function_idle",
            Kind.time(Duration.ofSeconds(1), Duration.ofDays(1)),
            FUNCTIONS.idle(),
            "How long a process of a function stays without an invocation");
    private static final Setting<Duration> FUNCTION_WAIT = ROWS.add(
            "gateway.function_wait",
            Kind.time(Duration.ofMillis(100), Duration.ofMinutes(1)),
            FUNCTIONS.patience(),
            "How long an invocation waits for a process before it is refused");
    private static final Setting<Signatures> SIGNATURES = ROWS.add(
            "gateway.signatures",
            Kind.oneOf(List.of(Signatures.values()), mode -> mode.name().toLowerCase(Locale.ROOT)),
            Signatures.OFF,
            "Whether callbacks (@connections) must be signed by one of gateway.keys: verify, or off");
    private static final Setting<List<SigningKeysKind.Written>> KEYS = ROWS.add(
            "gateway.keys", new SigningKeysKind(), List.of(), "Keys that callers of the gateway sign with (SigV4)");
    private static final Setting<Boolean> ALLOW_REMOTE = ROWS.add(
            "gateway.allow_remote_without_signatures",
            Kind.truth(),
            false,
            "Serve callbacks to everybody though others than this machine can reach them");
    private static final Setting<String> REGION = ROWS.add(
            "gateway.region",
            Kind.text("a region such as us-east-1", text -> text.matches("[a-z]{2}(-[a-z0-9]+){1,3}")),
            GatewaySettings.DEFAULTS.region(),
            "The region in ARNs and in the definition");
    private static final Setting<String> ACCOUNT = ROWS.add(
            "gateway.account",
            Kind.text("twelve digits", text -> text.matches("[0-9]{12}")),
            GatewaySettings.DEFAULTS.account(),
            "The account in ARNs and in the definition");
    private static final Setting<List<String>> API_ID = ROWS.add(
            "gateway.api_id",
            Kind.orNone(Kind.text("lower-case letters and digits", text -> text.matches("[a-z0-9]{1,32}"))),
            List.of(),
            "The id of the definition's only API, in place of its own");
    private static final Setting<List<String>> DOMAIN_NAME = ROWS.add(
            "gateway.domain_name",
            Kind.orNone(Kind.text("host or host:port", text -> text.matches("[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?"))),
            List.of(),
            "The domainName that events name, in place of the host that the client asked for");
    private static final Setting<Duration> IDLE_TIMEOUT = ROWS.add(
            "gateway.idle_timeout",
            Kind.time(Duration.ofMillis(100), Duration.ofDays(5)),
            Duration.ofMillis(LIMITS.idleMs()),
            "How long a connection stays open without a message in either direction");
    private static final Setting<Duration> CONNECTION_AGE = ROWS.add(
            "gateway.connection_age",
            Kind.time(Duration.ofMillis(100), Duration.ofDays(5)),
            Duration.ofMillis(LIMITS.maxAgeMs()),
            "How long a connection stays open at all");
    private static final Setting<Long> FRAME_BYTES = ROWS.add(
            "gateway.frame_bytes",
            Kind.size(1, 16 << 20),
            (long) LIMITS.maxFrameBytes(),
            "The largest frame of a client; larger ones close the connection with 1009");
    private static final Setting<Long> MESSAGE_BYTES = ROWS.add(
            "gateway.message_bytes",
            Kind.size(1, 16 << 20),
            (long) LIMITS.maxMessageBytes(),
            "The largest message of a client; larger ones close the connection with 1009");
    private static final Setting<Boolean> ORDERED = ROWS.add(
            "gateway.ordered_messages",
            Kind.onOrOff(),
            GatewaySettings.Messages.DEFAULTS.ordered(),
            "Run the messages of a connection one after the other, which API Gateway does not");
    private static final Setting<Boolean> LONG_POSTS_NAMED = ROWS.add(
            "gateway.long_posts_named",
            Kind.onOrOff(),
            GatewaySettings.Callbacks.DEFAULTS.tooLongIsNamed(),
            "Name the error of a post of more than 128 KiB, PayloadTooLargeException, which API Gateway does not");

    private static final Setting<Boolean> COUNT_MESSAGES = ROWS.add(
            "gateway.count_messages",
            Kind.onOrOff(),
            GatewaySettings.Messages.DEFAULTS.countInUsagePlans(),
            "Count messages too, and not handshakes alone, in the throttles and quotas of usage plans");
    private static final Setting<Integer> CALLS_PER_BACK_END = ROWS.add(
            "gateway.calls_per_back_end",
            Kind.number(1, 100_000),
            HttpCallLimits.DEFAULT.callsPerTarget(),
            "How many calls to one server or function may be under way; further ones fail with Too Many Requests");
    private static final Setting<Integer> CALLS = ROWS.add(
            "gateway.calls",
            Kind.number(1, 100_000),
            HttpCallLimits.DEFAULT.calls(),
            "How many calls to all of them may be under way; each holds a socket");
    private static final Setting<Long> ANSWER_BYTES = ROWS.add(
            "gateway.answer_bytes",
            Kind.size(1, 64 << 20),
            (long) HttpCallLimits.DEFAULT.answerBytes(),
            "The largest answer of a back end over HTTP");
    private static final Setting<Boolean> FORWARD_HANDSHAKE = ROWS.add(
            "gateway.forward_handshake",
            Kind.onOrOff(),
            BackEndSettings.DEFAULTS.forwardHandshake(),
            "Send the header fields and the query of a handshake to servers behind HTTP_PROXY");
    private static final Setting<Duration> TEMPLATE_TIME = ROWS.add(
            "gateway.template_time",
            Kind.time(Duration.ofMillis(10), Duration.ofSeconds(29)),
            Duration.ofMillis(MappingLimits.DEFAULT.timeMs()),
            "How long one rendering of a mapping template may take");

    private static boolean isEndpoint(String text) {
        try {
            URI uri = new URI(text);
            return ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getRawQuery() == null;
        } catch (URISyntaxException _) {
            return false;
        }
    }

    /// What the settings say; null: there is no gateway.
    public static @Nullable GatewaySection of(Values values) {
        @Nullable Path definition = values.orNull(DEFINITION);
        if (definition == null) {
            return null;
        }
        Map<String, String> parameters = new HashMap<>(values.get(PARAMETERS));
        parameters.putIfAbsent("AWS::Region", values.get(REGION));
        parameters.putIfAbsent("AWS::AccountId", values.get(ACCOUNT));
        @Nullable String endpoint = values.orNull(LAMBDA_ENDPOINT);
        List<SigningKey> keys = values.get(KEYS).stream()
                .map(key -> key.of(values.get(ACCOUNT)))
                .toList();
        return new GatewaySection(
                definition,
                Map.copyOf(parameters),
                endpoint == null ? null : URI.create(endpoint),
                new LocalFunctionSettings(
                        values.get(REGION),
                        values.get(ACCOUNT),
                        values.get(FUNCTION_ENVIRONMENT),
                        values.get(FUNCTION_PROCESSES),
                        values.get(FUNCTION_IDLE),
                        values.get(FUNCTION_WAIT),
                        FUNCTIONS.start()),
                settings(values),
                new HttpCallLimits(
                        values.get(CALLS_PER_BACK_END),
                        values.get(CALLS),
                        Math.toIntExact(values.get(ANSWER_BYTES)),
                        HttpCallLimits.DEFAULT.answersBytes()),
                new BackEndSettings(
                        values.get(FORWARD_HANDSHAKE),
                        BackEndSettings.DEFAULTS.nullRefusesConnect(),
                        BackEndSettings.DEFAULTS.decodeBase64(),
                        BackEndSettings.DEFAULTS.statusOptional()),
                new MappingLimits(
                        MappingLimits.DEFAULT.loops(),
                        MappingLimits.DEFAULT.steps(),
                        MappingLimits.DEFAULT.outputChars(),
                        MappingLimits.DEFAULT.workChars(),
                        Math.toIntExact(values.get(TEMPLATE_TIME).toMillis())),
                values.get(SIGNATURES) == Signatures.VERIFY ? keys : null,
                keys,
                values.get(ALLOW_REMOTE));
    }

    private static GatewaySettings settings(Values values) {
        return GatewaySettings.DEFAULTS
                .at(values.get(REGION), values.get(ACCOUNT))
                .named(values.orNull(API_ID), values.orNull(DOMAIN_NAME))
                .with(GatewaySettings.Messages.DEFAULTS
                        .inOrder(values.get(ORDERED))
                        .countedInUsagePlans(values.get(COUNT_MESSAGES)))
                .with(GatewaySettings.Callbacks.DEFAULTS.withLongPostsNamed(values.get(LONG_POSTS_NAMED)))
                .with(new GatewaySettings.Limits(
                        LIMITS.connects(),
                        LIMITS.events(),
                        LIMITS.callsPerConnection(),
                        LIMITS.waitingPerConnection(),
                        LIMITS.maxWaitMs(),
                        LIMITS.callsPerStage(),
                        LIMITS.bytesPerStage(),
                        LIMITS.authorizerTimeoutMs(),
                        LIMITS.maxAuthorizerBytes(),
                        LIMITS.maxUrlChars(),
                        LIMITS.maxHeaderBytes(),
                        LIMITS.maxReplyBytes(),
                        LIMITS.maxPostBytes(),
                        values.bytes(FRAME_BYTES),
                        values.bytes(MESSAGE_BYTES),
                        values.get(IDLE_TIMEOUT).toMillis(),
                        values.get(CONNECTION_AGE).toMillis()));
    }

    /// Why the server must not start, or null if it may.
    ///
    /// @param isLoopbackOnly whether it is reached from this machine alone
    public @Nullable String refusal(boolean isLoopbackOnly) {
        if (isLoopbackOnly || keys != null || allowRemoteWithoutSignatures) {
            return null;
        }
        return "server.bind can be reached by others, and gateway.signatures is off: everybody could post to every"
                + " connection. Set gateway.signatures to verify and gateway.keys, or"
                + " gateway.allow_remote_without_signatures to true if this is what you want.";
    }
}
