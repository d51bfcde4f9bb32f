package io.topicstream.cli.aws;

import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.DoorVariables;
import io.topicstream.aws.audience.Outside;
import io.topicstream.aws.events.BusSettings;
import io.topicstream.aws.http.TokenHash;
import io.topicstream.dialect.Dialects;
import io.topicstream.log.TopicPattern;
import io.topicstream.settings.Problems;
import io.topicstream.settings.Values;
import io.topicstream.settings.Variables;
import io.topicstream.settings.section.AuthorizerSection;
import io.topicstream.settings.section.DestinationSection;
import io.topicstream.settings.section.JwtSection;
import io.topicstream.settings.section.MessageSection;
import io.topicstream.settings.section.PolicySection;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What can be chosen on this machine: by the variables of the functions, many of which a server has too. Where the
/// template says one and the environment of this process too, that of the process counts.
///
/// @param door what can be chosen about the front door
/// @param destinations where sinks may be, beside this machine and what is public
/// @param hasAdministrator whether there is one
/// @param adminHash that of his token; null: a token is made here
/// @param bus null without one
record LocalSettings(
        DoorSettings door,
        DestinationSection destinations,
        boolean hasAdministrator,
        @Nullable TokenHash adminHash,
        @Nullable Bus bus) {
    static final String EVENT_BRIDGE = "AWS_ENDPOINT_URL_EVENTBRIDGE";

    private static final Variables VARIABLES = new Variables(List.of(
            JwtSection.ROWS, AuthorizerSection.ROWS, MessageSection.ROWS, PolicySection.ROWS, DestinationSection.ROWS));

    /// A bus of an EventBridge that somebody runs.
    record Bus(BusSettings settings, URI endpoint) {}

    /// Whether an EventBridge runs that has buses.
    static boolean hasEventBridge(Map<String, String> environment) {
        return value(environment, EVENT_BRIDGE) != null;
    }

    /// @param template the variables that it gives functions
    /// @throws LocalStack.UnusableException that says each value that is wrong
    static LocalSettings of(Map<String, String> template, Map<String, String> own) throws LocalStack.UnusableException {
        Map<String, String> environment = new HashMap<>(template);
        environment.putAll(own);
        return of(environment);
    }

    private static LocalSettings of(Map<String, String> environment) throws LocalStack.UnusableException {
        Problems problems = new Problems();
        // Other settings of a server may stand there, for a server.
        Values values = VARIABLES.read(environment, Set.of(), problems);
        TokenHash adminHash = adminHash(environment, problems);
        Bus bus = bus(environment, problems);
        Map<String, Dialects.Name> stages = read(
                environment, DoorVariables.STAGES, DoorVariables::stagesOrNull, DoorVariables.STAGES_FORM, problems);
        Boolean guests = read(
                environment, DoorVariables.GUESTS, DoorVariables::guestsOrNull, DoorVariables.GUESTS_FORM, problems);
        List<String> origins = read(
                environment,
                DoorVariables.ALLOWED_ORIGINS,
                DoorVariables::originsOrNull,
                DoorVariables.ORIGINS_FORM,
                problems);
        if (value(environment, DoorVariables.WORKFLOW_TOPICS) != null) {
            problems.add(
                    DoorVariables.WORKFLOW_TOPICS, "there is no workflow on this machine, so nobody would deliver");
        }
        if (stages == null
                || guests == null
                || origins == null
                || !problems.lines().isEmpty()) {
            throw new LocalStack.UnusableException(
                    LocalStack.UnusableException.Part.SETTINGS, String.join("\n", problems.lines()), null);
        }
        DoorSettings usual = DoorSettings.local();
        return new LocalSettings(
                new DoorSettings(
                        stages,
                        PolicySection.of(values),
                        MessageSection.of(values),
                        new Outside(JwtSection.of(values), AuthorizerSection.of(values)),
                        guests,
                        // Pages of this machine, beside those that are named.
                        Stream.concat(usual.allowedOrigins().stream(), origins.stream())
                                .toList(),
                        usual.hosts(),
                        usual.listenersPerShard(),
                        List.of()),
                DestinationSection.of(values),
                value(environment, TokenHash.VARIABLE) != null,
                adminHash,
                bus);
    }

    private static @Nullable String value(Map<String, String> environment, String name) {
        String value = environment.getOrDefault(name, "").strip();
        return value.isEmpty() ? null : value;
    }

    private static <T> @Nullable T read(
            Map<String, String> environment,
            String name,
            Function<@Nullable String, @Nullable T> read,
            String form,
            Problems problems) {
        T value = read.apply(value(environment, name));
        if (value == null) {
            problems.add(name, "it has to be " + form);
        }
        return value;
    }

    private static @Nullable TokenHash adminHash(Map<String, String> environment, Problems problems) {
        String text = value(environment, TokenHash.VARIABLE);
        if (SystemTemplate.HASH_OF_OUR_TOKEN.equals(text)) {
            return null;
        }
        TokenHash hash = text == null ? null : TokenHash.ofHexOrNull(text);
        if (text != null && hash == null) {
            problems.add(TokenHash.VARIABLE, TokenHash.FORM);
        }
        return hash;
    }

    private static @Nullable Bus bus(Map<String, String> environment, Problems problems) {
        String name = value(environment, BusSettings.BUS);
        if (name == null) {
            return null;
        }
        List<TopicPattern> topics = BusSettings.topicsOrNull(value(environment, BusSettings.TOPICS));
        if (topics == null) {
            problems.add(BusSettings.TOPICS, "it has to be " + TopicPattern.LIST_RULE);
        }
        String endpoint = value(environment, EVENT_BRIDGE);
        if (endpoint == null || !endpoint.matches("https?://[^/?#]+/?")) {
            // Nothing of it is to reach AWS.
            problems.add(
                    BusSettings.BUS,
                    "no EventBridge comes with it; " + EVENT_BRIDGE
                            + " has to say where one runs, such as http://127.0.0.1:4566");
        }
        return topics == null || endpoint == null
                ? null
                : new Bus(BusSettings.of(name, value(environment, BusSettings.SOURCE), topics), URI.create(endpoint));
    }
}
