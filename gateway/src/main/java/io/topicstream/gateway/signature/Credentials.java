package io.topicstream.gateway.signature;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a caller signs with.
///
/// @param accessKeyId its public part
/// @param secretAccessKey its secret part
/// @param sessionToken of credentials that end by themselves, or null
public record Credentials(
        String accessKeyId,
        String secretAccessKey,
        @Nullable String sessionToken) {
    /// Those that the variables `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` hold.
    ///
    /// @param environment of a process
    /// @return null where there is no key, or no secret to it
    public static @Nullable Credentials of(Map<String, String> environment) {
        String id = environment.getOrDefault("AWS_ACCESS_KEY_ID", "");
        String secret = environment.getOrDefault("AWS_SECRET_ACCESS_KEY", "");
        String token = environment.getOrDefault("AWS_SESSION_TOKEN", "");
        return id.isEmpty() || secret.isEmpty() ? null : new Credentials(id, secret, token.isEmpty() ? null : token);
    }

    /// Without the secrets, for logs.
    @Override
    public String toString() {
        return "Credentials[" + accessKeyId + "]";
    }
}
