package io.topicstream.cli.aws;

import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.audience.Outside;
import io.topicstream.settings.Problems;
import io.topicstream.settings.Values;
import io.topicstream.settings.Variables;
import io.topicstream.settings.section.AuthorizerSection;
import io.topicstream.settings.section.JwtSection;
import io.topicstream.settings.section.MessageSection;
import io.topicstream.settings.section.PolicySection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What can be chosen about the front door on this machine: by the variables of the functions, that a server has too.
final class LocalSettings {
    private static final Variables VARIABLES =
            new Variables(List.of(JwtSection.ROWS, AuthorizerSection.ROWS, MessageSection.ROWS, PolicySection.ROWS));

    private LocalSettings() {}

    /// @throws LocalStack.UnusableException that says each value that is wrong
    static DoorSettings of(Map<String, String> environment) throws LocalStack.UnusableException {
        Problems problems = new Problems();
        // Other settings of a server may stand there, for a server.
        Values values = VARIABLES.read(environment, Set.of(), problems);
        if (!problems.lines().isEmpty()) {
            throw new LocalStack.UnusableException(
                    LocalStack.UnusableException.Part.SETTINGS, String.join("\n", problems.lines()), null);
        }
        return DoorSettings.local()
                .withPolicies(PolicySection.of(values))
                .withLimits(MessageSection.of(values))
                .withOutside(new Outside(JwtSection.of(values), AuthorizerSection.of(values)));
    }
}
