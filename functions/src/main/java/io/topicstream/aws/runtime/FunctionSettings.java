package io.topicstream.aws.runtime;

import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.command.CommandLimits;
import io.topicstream.dialect.Dialects;
import io.topicstream.door.Hosts;
import io.topicstream.door.Origins;
import io.topicstream.policy.TopicPolicies;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a function is deployed with, read from the variables of its environment.
///
/// @param table of DynamoDB, which exists
/// @param bucket of S3, which exists; null without one
/// @param callbacks where connections of the stage are posted to, its path the stage
/// @param taskFunction the name or ARN of the function that does tasks
/// @param isBesideAws whether stand-ins are asked in place of the services
/// @param door what can be chosen about the front door
record FunctionSettings(
        String table,
        @Nullable String bucket,
        URI callbacks,
        String taskFunction,
        boolean isBesideAws,
        DoorSettings door) {
    private static final String TABLE = "TOPICSTREAM_TABLE";
    private static final String BUCKET = "TOPICSTREAM_BUCKET";
    private static final String CALLBACK_URL = "TOPICSTREAM_CALLBACK_URL";
    private static final String TASK_FUNCTION = "TOPICSTREAM_TASK_FUNCTION";
    private static final String STAGES = "TOPICSTREAM_STAGES";
    private static final String GUESTS = "TOPICSTREAM_GUESTS";
    private static final String ALLOWED_ORIGINS = "TOPICSTREAM_ALLOWED_ORIGINS";

    private static final Pattern STAGE = Pattern.compile("[A-Za-z0-9_-]{1,128}");
    private static final String LATEST = "$LATEST";

    /// API Gateway tells hosts apart itself: it hands over none that is not of the API.
    private static final Hosts EVERY_HOST = new Hosts(InetAddress.ofLiteral("0.0.0.0"), List.of());

    /// @throws IllegalArgumentException with a sentence for all that is missing, and one for each value that is wrong
    static FunctionSettings of(Map<String, String> environment) {
        return new Reader(environment).read();
    }

    /// Reads one environment, once.
    private static final class Reader {
        private final Map<String, String> environment;
        private final List<String> missing = new ArrayList<>();
        private final List<String> wrong = new ArrayList<>();

        Reader(Map<String, String> environment) {
            this.environment = environment;
        }

        FunctionSettings read() {
            FunctionSettings settings = new FunctionSettings(
                    required(TABLE),
                    value(BUCKET),
                    callbacks(),
                    taskFunction(),
                    value("AWS_ENDPOINT_URL") != null || value("AWS_ENDPOINT_URL_S3") != null,
                    new DoorSettings(
                            stages(),
                            TopicPolicies.DEFAULT,
                            CommandLimits.DEFAULT,
                            guests(),
                            allowedOrigins(),
                            EVERY_HOST,
                            DoorSettings.local().listenersPerShard()));
            List<String> problems = new ArrayList<>();
            if (!missing.isEmpty()) {
                problems.add("The function needs " + String.join(" and ", missing) + " in its environment.");
            }
            problems.addAll(wrong);
            if (!problems.isEmpty()) {
                throw new IllegalArgumentException(String.join(" ", problems));
            }
            return settings;
        }

        private @Nullable String value(String name) {
            String value = environment.get(name);
            return value == null || value.isBlank() ? null : value.strip();
        }

        private String required(String name) {
            String value = value(name);
            if (value == null) {
                missing.add(name);
                return "";
            }
            return value;
        }

        private void isWrong(String name, String value, String right) {
            wrong.add(name + " is \"" + value + "\"; it has to be " + right + ".");
        }

        private URI callbacks() {
            String text = required(CALLBACK_URL);
            URI url = URI.create("");
            try {
                url = new URI(text);
                boolean isRight = ("https".equals(url.getScheme()) || isOfThisMachine(url))
                        && url.getHost() != null
                        && url.getRawQuery() == null
                        && url.getRawFragment() == null
                        && url.getRawUserInfo() == null;
                if (!isRight && !text.isEmpty()) {
                    isWrong(CALLBACK_URL, text, CALLBACK_FORM);
                }
            } catch (URISyntaxException e) {
                isWrong(CALLBACK_URL, text, CALLBACK_FORM);
            }
            return url;
        }

        private static final String CALLBACK_FORM =
                "where the stage's connections are posted to, such as https://abc.execute-api.eu-west-1.amazonaws.com/v1";

        /// A stand-in on this machine speaks no TLS.
        private static boolean isOfThisMachine(URI url) {
            return "http".equals(url.getScheme()) && url.getHost() != null && Hosts.isOfThisMachine(url.getHost());
        }

        private String taskFunction() {
            String named = value(TASK_FUNCTION);
            if (named != null) {
                return named;
            }
            String own = value("AWS_LAMBDA_FUNCTION_NAME");
            if (own == null) {
                missing.add(TASK_FUNCTION);
                return "";
            }
            String version = value("AWS_LAMBDA_FUNCTION_VERSION");
            return version == null || version.equals(LATEST) ? own : own + ":" + version;
        }

        private Map<String, Dialects.Name> stages() {
            String text = value(STAGES);
            if (text == null) {
                return DoorSettings.USUAL_STAGES;
            }
            Map<String, Dialects.Name> stages = new LinkedHashMap<>();
            for (String one : text.split(",", -1)) {
                String[] parts = one.strip().split("=", 2);
                Dialects.@Nullable Name dialect = parts.length == 2 ? dialect(parts[1].strip()) : null;
                if (dialect == null
                        || !STAGE.matcher(parts[0].strip()).matches()
                        || stages.put(parts[0].strip(), dialect) != null) {
                    isWrong(
                            STAGES,
                            text,
                            "names of stages, each once and with its dialect (" + dialects()
                                    + "), such as v1=native,live=topics");
                    break;
                }
            }
            return stages;
        }

        private static Dialects.@Nullable Name dialect(String wireName) {
            return Arrays.stream(Dialects.Name.values())
                    .filter(name -> name.wireName().equals(wireName))
                    .findFirst()
                    .orElse(null);
        }

        private static String dialects() {
            return Arrays.stream(Dialects.Name.values())
                    .map(Dialects.Name::wireName)
                    .collect(Collectors.joining(", "));
        }

        private boolean guests() {
            String text = value(GUESTS);
            if (text != null && !text.equals("true") && !text.equals("false")) {
                isWrong(GUESTS, text, "true or false");
            }
            return "true".equals(text);
        }

        private List<String> allowedOrigins() {
            String text = value(ALLOWED_ORIGINS);
            if (text == null) {
                return List.of();
            }
            List<String> origins =
                    Arrays.stream(text.split(",", -1)).map(String::strip).toList();
            if (!origins.stream().allMatch(Origins::isEntry)) {
                isWrong(
                        ALLOWED_ORIGINS,
                        text,
                        "origins as browsers write them, such as https://example.com,https://example.org:8443");
            }
            return origins;
        }
    }
}
