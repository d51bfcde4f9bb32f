package io.topicstream.cdk;

import java.util.List;

/// Each thing that can be chosen when a system is deployed: a parameter of the template, and a value of the context of
/// the app under the same name, which there begins small.
enum Input {
    ENVIRONMENT(
            "Environment",
            "dev",
            "What the system is for; several stand side by side",
            Form.oneOf("dev", "staging", "prod")),
    PROJECT_NAME("ProjectName", "topicstream", "With which names begin", Form.pattern("[a-z][a-z0-9-]{0,30}")),
    MESSAGE_RETENTION_HOURS(
            "MessageRetentionHours", "720", "Hours after which messages end", Form.oneOf(Retention.HOURS)),
    ALLOW_GUESTS(
            "AllowGuests", "false", "Whether those come in who show no key and no token", Form.oneOf("true", "false")),
    ALLOWED_ORIGINS(
            "AllowedOrigins",
            "",
            "Pages of which origins may call without a key, with commas between them",
            Form.pattern("(https?://[^, ]+(, *https?://[^, ]+)*)?")),
    TOKEN_ISSUERS(
            "TokenIssuers",
            "",
            "Issuers whose tokens log callers in, as JSON (TOPICSTREAM_ACCESS_JWT)",
            Form.pattern("(\\[.*\\])?")),
    USER_POOL_ID(
            "UserPoolId",
            "",
            "A user pool of Cognito in this region whose access tokens log callers in",
            Form.pattern("([a-z0-9-]+_[A-Za-z0-9]+)?")),
    USER_POOL_CLIENT_ID("UserPoolClientId", "", "The app client of the user pool", Form.pattern("[a-z0-9]*")),
    ADMIN_TOKEN_SHA256(
            "AdminTokenSha256",
            "",
            "The SHA-256 in hex of the administrator's token; without it there are no routes for him",
            Form.pattern("([0-9a-f]{64})?")),
    ENABLE_EVENTS(
            "EnableEvents",
            "false",
            "A bus with what happens, and a log of it for 30 days",
            Form.oneOf("true", "false")),
    EVENT_TOPICS(
            "EventTopics", "*", "Whose messages are events: topics, and beginnings with *", Form.pattern("[^\"]+")),
    ENABLE_WORKFLOW(
            "EnableWorkflow",
            "false",
            "A workflow that delivers the messages of some topics; it needs the events",
            Form.oneOf("true", "false")),
    WORKFLOW_TOPICS(
            "WorkflowTopics",
            "broadcast:*",
            "Whose messages the workflow delivers: topics, and beginnings with *",
            Form.pattern("[^\"]+")),
    ENABLE_MONITORING("EnableMonitoring", "true", "A dashboard and alarms", Form.oneOf("true", "false")),
    ENABLE_DETAILED_MONITORING(
            "EnableDetailedMonitoring",
            "false",
            "Access logs, the gateway's own logs and metrics of each route; it needs the account's stack",
            Form.oneOf("true", "false")),
    ENABLE_XRAY_TRACING("EnableXrayTracing", "false", "Traces of the functions", Form.oneOf("true", "false")),
    ENABLE_ENCRYPTION(
            "EnableEncryption",
            "false",
            "A key of the system's own, renewed each year, in place of those of AWS",
            Form.oneOf("true", "false")),
    LOG_RETENTION_DAYS(
            "LogRetentionDays",
            "14",
            "Days that logs are kept",
            Form.oneOf("1", "3", "5", "7", "14", "30", "60", "90", "365")),
    THROTTLING_BURST_LIMIT("ThrottlingBurstLimit", "500", "Requests at once, for each stage", Form.range(0, 5_000)),
    THROTTLING_RATE_LIMIT("ThrottlingRateLimit", "1000", "Requests a second, for each stage", Form.range(0, 10_000)),
    FUNCTION_CONCURRENCY(
            "FunctionConcurrency",
            "0",
            "Calls of the WebSocket function at once; 0 sets no bound",
            Form.range(0, 10_000)),
    DOMAIN_NAME(
            "DomainName",
            "",
            "A domain below which the doors are called ws. and api.",
            Form.pattern("([a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+)?")),
    CERTIFICATE_ARN(
            "CertificateArn",
            "",
            "The certificate for both names, in this region",
            Form.pattern("(arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[a-z0-9-]+)?")),
    ALARM_EMAIL("AlarmEmail", "", "Whom alarms tell", Form.pattern("([^@ ]+@[^@ ]+)?")),
    ALARM_CONNECTIONS(
            "AlarmConnections",
            "1000",
            "Connections in five minutes above which an alarm goes off",
            Form.range(1, 1_000_000_000)),
    ALARM_ERRORS(
            "AlarmErrors", "10", "Errors in five minutes above which an alarm goes off", Form.range(1, 1_000_000_000)),
    ENABLE_PAGE("EnablePage", "true", "The chat page, on CloudFront", Form.oneOf("true", "false"));

    private final String parameter;
    private final String usual;
    private final String description;
    // What its records have is never changed.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Form form;

    Input(String parameter, String usual, String description, Form form) {
        this.parameter = parameter;
        this.usual = usual;
        this.description = description;
        this.form = form;
    }

    /// Its name in a template.
    String parameter() {
        return parameter;
    }

    /// Its name in the context of the app.
    String contextName() {
        return Character.toLowerCase(parameter.charAt(0)) + parameter.substring(1);
    }

    /// What it is where nothing is said.
    String usual() {
        return usual;
    }

    String description() {
        return description;
    }

    Form form() {
        return form;
    }

    /// Whether a value is never shown: what somebody gave by mistake may be the token itself.
    boolean isHidden() {
        return this == ADMIN_TOKEN_SHA256;
    }

    /// What a value may be.
    sealed interface Form {
        static Form pattern(String pattern) {
            return new Pattern(pattern);
        }

        static Form oneOf(String... values) {
            return new OneOf(List.of(values));
        }

        static Form oneOf(List<String> values) {
            return new OneOf(values);
        }

        static Form range(int least, int most) {
            return new Range(least, most);
        }

        boolean matches(String value);

        /// What is right, for who gave something else.
        String words();

        /// A text.
        ///
        /// @param pattern of the whole
        record Pattern(String pattern) implements Form {
            @Override
            public boolean matches(String value) {
                return value.matches(pattern);
            }

            @Override
            public String words() {
                return "of the form " + pattern;
            }
        }

        /// One of some texts.
        ///
        /// @param values which
        record OneOf(List<String> values) implements Form {
            @Override
            public boolean matches(String value) {
                return values.contains(value);
            }

            @Override
            public String words() {
                return "one of " + String.join(", ", values);
            }
        }

        /// A whole number.
        record Range(int least, int most) implements Form {
            @Override
            public boolean matches(String value) {
                return value.matches("[0-9]{1,9}|1000000000")
                        && Long.parseLong(value) >= least
                        && Long.parseLong(value) <= most;
            }

            @Override
            public String words() {
                return "a number from " + least + " to " + most;
            }
        }
    }
}
