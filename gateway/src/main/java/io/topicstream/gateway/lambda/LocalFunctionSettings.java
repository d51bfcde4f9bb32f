package io.topicstream.gateway.lambda;

import java.time.Duration;
import java.util.Map;

/// How functions run on this machine.
///
/// @param region that they believe to be in
/// @param account in their ARNs, twelve digits
/// @param environment variables of all functions, in place of their own of the same names
/// @param processes of one function at most where it reserves no concurrency, from 1
/// @param idle how long a process stays without an invocation
/// @param patience how long an invocation waits for a process
/// @param start how long a process may take until it asks for its first invocation; longer where the
///     function may take longer for one
public record LocalFunctionSettings(
        String region,
        String account,
        Map<String, String> environment,
        int processes,
        Duration idle,
        Duration patience,
        Duration start) {
    /// What holds unless something else is said.
    public static final LocalFunctionSettings DEFAULTS = new LocalFunctionSettings(
            "us-east-1",
            "000000000000",
            Map.of(),
            10,
            Duration.ofMinutes(5),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10));

    public LocalFunctionSettings {
        environment = Map.copyOf(environment);
        if (processes < 1) {
            throw new IllegalArgumentException("a function has one process or more");
        }
    }
}
