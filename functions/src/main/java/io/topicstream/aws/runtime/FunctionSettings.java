package io.topicstream.aws.runtime;

import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.DoorVariables;
import io.topicstream.dialect.Dialects;
import io.topicstream.door.Hosts;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
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
    static final String TABLE = "TOPICSTREAM_TABLE";
    static final String BUCKET = "TOPICSTREAM_BUCKET";
    private static final String CALLBACK_URL = "TOPICSTREAM_CALLBACK_URL";
    private static final String TASK_FUNCTION = "TOPICSTREAM_TASK_FUNCTION";
    private static final String LATEST = "$LATEST";

    /// API Gateway tells hosts apart itself: it hands over none that is not of the API.
    private static final Hosts EVERY_HOST = new Hosts(InetAddress.ofLiteral("0.0.0.0"), List.of());

    /// @param doesTasks whether the function itself does tasks, where no other one is named
    /// @throws IllegalArgumentException that says all that is missing, and each value that is wrong
    static FunctionSettings of(Map<String, String> environment, boolean doesTasks) {
        return new Reader(new Environment(environment), doesTasks).read();
    }

    /// Reads one environment, once.
    private static final class Reader {
        private final Environment environment;
        private final boolean doesTasks;

        Reader(Environment environment, boolean doesTasks) {
            this.environment = environment;
            this.doesTasks = doesTasks;
        }

        FunctionSettings read() {
            SharedSettings shared = SharedSettings.ofDoors(environment);
            FunctionSettings settings = new FunctionSettings(
                    environment.required(TABLE),
                    environment.value(BUCKET),
                    callbacks(),
                    taskFunction(),
                    environment.isBesideAws(),
                    new DoorSettings(
                            stages(),
                            shared.policies(),
                            shared.limits(),
                            shared.outside(),
                            guests(),
                            allowedOrigins(),
                            EVERY_HOST,
                            DoorSettings.local().listenersPerShard(),
                            environment.topics(DoorVariables.WORKFLOW_TOPICS, List.of())));
            environment.check();
            return settings;
        }

        private URI callbacks() {
            String text = environment.required(CALLBACK_URL);
            URI url = URI.create("");
            try {
                url = new URI(text);
                boolean isRight = ("https".equals(url.getScheme()) || isOfThisMachine(url))
                        && url.getHost() != null
                        && url.getRawQuery() == null
                        && url.getRawFragment() == null
                        && url.getRawUserInfo() == null;
                if (!isRight && !text.isEmpty()) {
                    environment.isWrong(CALLBACK_URL, text, CALLBACK_FORM);
                }
            } catch (URISyntaxException e) {
                environment.isWrong(CALLBACK_URL, text, CALLBACK_FORM);
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
            String named = environment.value(TASK_FUNCTION);
            if (named != null) {
                return named;
            }
            String own = doesTasks ? environment.value("AWS_LAMBDA_FUNCTION_NAME") : null;
            if (own == null) {
                environment.isMissing(TASK_FUNCTION);
                return "";
            }
            String version = environment.value("AWS_LAMBDA_FUNCTION_VERSION");
            return version == null || version.equals(LATEST) ? own : own + ":" + version;
        }

        private Map<String, Dialects.Name> stages() {
            return checked(DoorVariables.STAGES, DoorVariables::stagesOrNull, DoorVariables.STAGES_FORM, Map.of());
        }

        private boolean guests() {
            return checked(DoorVariables.GUESTS, DoorVariables::guestsOrNull, DoorVariables.GUESTS_FORM, false);
        }

        private List<String> allowedOrigins() {
            return checked(
                    DoorVariables.ALLOWED_ORIGINS, DoorVariables::originsOrNull, DoorVariables.ORIGINS_FORM, List.of());
        }

        /// @param otherwise what holds where it is wrong, until that is said
        private <T> T checked(String name, Function<@Nullable String, @Nullable T> read, String form, T otherwise) {
            String text = environment.value(name);
            T value = read.apply(text);
            if (value == null) {
                environment.isWrong(name, String.valueOf(text), form);
                return otherwise;
            }
            return value;
        }
    }
}
