package io.topicstream.aws.runtime;

import io.topicstream.aws.audience.Outside;
import io.topicstream.command.CommandLimits;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Problems;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import io.topicstream.settings.Variables;
import io.topicstream.settings.section.AuthorizerSection;
import io.topicstream.settings.section.DestinationSection;
import io.topicstream.settings.section.JwtSection;
import io.topicstream.settings.section.MessageSection;
import io.topicstream.settings.section.PolicySection;
import io.topicstream.tokens.JwtTokens;
import io.topicstream.tokens.authorizer.AuthorizerSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What functions have in common with a server: in the same variables, with the same values.
record SharedSettings(TopicPolicies policies, CommandLimits limits, Outside outside) {
    private static final List<Rows> OF_LOGS = List.of(MessageSection.ROWS, PolicySection.ROWS);
    private static final List<Rows> OF_DOORS =
            List.of(JwtSection.ROWS, AuthorizerSection.ROWS, MessageSection.ROWS, PolicySection.ROWS);

    private static final List<Rows> OF_EVENTS =
            List.of(DestinationSection.ROWS, MessageSection.ROWS, PolicySection.ROWS);

    /// Variables with these beginnings are settings of a server: who sets one that functions do not have is told so.
    private static final Set<String> OF_SERVERS = Set.of("TOPICSTREAM_ACCESS_", "TOPICSTREAM_LIMITS_");

    private static final Set<String> OF_SINKS = Set.of("TOPICSTREAM_EVENTS_");

    /// API Gateway posts 128 KB at most, and something stands around a message.
    private static final int MOST_MESSAGE_BYTES = 120 << 10;
    /// API Gateway waits 29 seconds for a function.
    private static final Duration LONGEST_QUESTION = Duration.ofSeconds(20);

    /// The policies alone, for functions by which nobody comes in.
    static TopicPolicies policies(Environment environment) {
        return policies(environment, read(environment, OF_LOGS, Set.of()));
    }

    /// What the function of events has.
    ///
    /// @param destinations where sinks may be
    record OfEvents(TopicPolicies policies, DestinationSection destinations) {}

    static OfEvents ofEvents(Environment environment) {
        Values values = read(environment, OF_EVENTS, OF_SINKS);
        return new OfEvents(policies(environment, values), DestinationSection.of(values));
    }

    /// Where sinks may be, for functions by which they are made.
    static DestinationSection destinations(Environment environment) {
        return DestinationSection.of(read(environment, List.of(DestinationSection.ROWS), OF_SINKS));
    }

    static SharedSettings ofDoors(Environment environment) {
        Values values = read(environment, OF_DOORS, OF_SERVERS);
        Outside outside = new Outside(JwtSection.of(values), AuthorizerSection.of(values));
        check(environment, outside);
        return new SharedSettings(policies(environment, values), MessageSection.of(values), outside);
    }

    private static Values read(Environment environment, List<Rows> sections, Set<String> foreign) {
        Problems problems = new Problems();
        Values values = new Variables(sections).read(environment.variables(), foreign, problems);
        problems.lines().forEach(environment::isWrong);
        return values;
    }

    private static TopicPolicies policies(Environment environment, Values values) {
        TopicPolicies policies = PolicySection.of(values);
        if (policies.maxPayloadBytes() > MOST_MESSAGE_BYTES) {
            environment.isWrong(Setting.variable("policies") + " and "
                    + MessageSection.PAYLOAD_BYTES.variable() + " allow messages of "
                    + Kind.showSize(policies.maxPayloadBytes()) + "; API Gateway delivers none above "
                    + Kind.showSize(MOST_MESSAGE_BYTES));
        }
        return policies;
    }

    private static void check(Environment environment, Outside outside) {
        try {
            // Files with keys are read; nothing is fetched.
            JwtTokens.open(outside.issuers(), FrontDoorParts.CLOCK).close();
        } catch (IOException e) {
            environment.isWrong(Setting.variable("access.jwt") + ": " + e.getMessage());
        }
        @Nullable AuthorizerSettings authorizer = outside.authorizer();
        if (authorizer != null && authorizer.timeout().compareTo(LONGEST_QUESTION) > 0) {
            environment.isWrong(Setting.variable("access.authorizer.timeout") + ": access.authorizer.timeout is "
                    + authorizer.timeout().toSeconds() + "s; allowed is at most "
                    + LONGEST_QUESTION.toSeconds() + "s, for API Gateway waits 29 seconds for a function");
        }
    }
}
