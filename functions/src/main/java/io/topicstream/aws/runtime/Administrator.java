package io.topicstream.aws.runtime;

import io.topicstream.aws.http.TokenHash;
import io.topicstream.events.Destinations;
import io.topicstream.settings.section.DestinationSection;
import java.net.InetAddress;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Who manages a deployment, by a token of which its functions know the hash alone; and where he may put sinks.
/// Thread-safe.
final class Administrator {
    private final @Nullable TokenHash hash;
    private final DestinationSection destinations;

    private Administrator(@Nullable TokenHash hash, DestinationSection destinations) {
        this.hash = hash;
        this.destinations = destinations;
    }

    /// @throws IllegalArgumentException that says what is wrong
    static Administrator of(Map<String, String> variables) {
        Environment environment = new Environment(variables);
        String text = environment.value(TokenHash.VARIABLE);
        TokenHash hash = text == null ? null : TokenHash.ofHexOrNull(text);
        if (text != null && hash == null) {
            environment.isWrong(TokenHash.VARIABLE + " (hidden): " + TokenHash.FORM);
        }
        DestinationSection destinations = SharedSettings.destinations(environment);
        environment.check();
        return new Administrator(hash, destinations);
    }

    /// Whether there is one.
    boolean isThere() {
        return hash != null;
    }

    /// Whether a bearer token is his.
    boolean isToken(String presented) {
        return hash != null && hash.matches(presented);
    }

    Destinations destinations() {
        return destinations(destinations);
    }

    /// Where sinks may be: no address of a function's own is public.
    static Destinations destinations(DestinationSection section) {
        return new Destinations(section.hosts(), address -> section.mayBeAt(address, false), InetAddress::getAllByName);
    }
}
