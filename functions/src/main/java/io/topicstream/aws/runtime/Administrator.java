package io.topicstream.aws.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.events.Destinations;
import io.topicstream.settings.section.DestinationSection;
import java.net.InetAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Who manages a deployment, by a token of which its functions know the hash alone; and where he may put sinks.
/// Thread-safe.
final class Administrator {
    private static final String TOKEN_HASH = "TOPICSTREAM_ADMIN_TOKEN_SHA256";
    private static final Pattern HASH = Pattern.compile("[0-9a-fA-F]{64}");

    private final byte @Nullable [] hash;
    private final DestinationSection destinations;

    private Administrator(byte @Nullable [] hash, DestinationSection destinations) {
        this.hash = hash;
        this.destinations = destinations;
    }

    /// @throws IllegalArgumentException that says what is wrong
    static Administrator of(Map<String, String> variables) {
        Environment environment = new Environment(variables);
        String text = environment.value(TOKEN_HASH);
        boolean isRight = text != null && HASH.matcher(text).matches();
        if (text != null && !isRight) {
            // It may be the token itself.
            environment.isWrong(TOKEN_HASH + " (hidden) has to be the SHA-256 of the administrator's token, in hex");
        }
        DestinationSection destinations = SharedSettings.destinations(environment);
        environment.check();
        return new Administrator(isRight ? HexFormat.of().parseHex(text) : null, destinations);
    }

    /// Whether there is one.
    boolean isThere() {
        return hash != null;
    }

    /// Whether a bearer token is his; in a time that does not depend on how much of it is right.
    boolean isToken(String presented) {
        byte[] mine = hash;
        return mine != null && MessageDigest.isEqual(mine, sha256(presented));
    }

    Destinations destinations() {
        return destinations(destinations);
    }

    /// Where sinks may be: no address of a function's own is public.
    static Destinations destinations(DestinationSection section) {
        return new Destinations(section.hosts(), address -> section.mayBeAt(address, false), InetAddress::getAllByName);
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
