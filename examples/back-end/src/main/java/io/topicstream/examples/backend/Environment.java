package io.topicstream.examples.backend;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AnonymousCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;

/// The variables of a program's environment as they are read: each that is missing or makes no sense is noted, and
/// [#check] then names all of them.
public final class Environment {
    /// Any of them: keys, or where the SDK gets keys from.
    private static final Set<String> CREDENTIALS = Set.of(
            "AWS_ACCESS_KEY_ID",
            "AWS_PROFILE",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI");

    private static final int MAX_PORT = 65_535;
    private static final int HTTP = 80;

    private final Map<String, String> variables;
    private final List<String> problems = new ArrayList<>();

    public Environment(Map<String, String> variables) {
        this.variables = variables;
    }

    /// The environment does not say what it must.
    public static final class Missing extends Exception {
        private static final long serialVersionUID = 1;

        /// @param problems one sentence a variable, with its name
        Missing(List<String> problems) {
            super(String.join("\n", problems));
        }
    }

    /// Ends the reading.
    ///
    /// @throws Missing naming every variable that is missing or makes no sense
    public void check() throws Missing {
        if (!problems.isEmpty()) {
            throw new Missing(problems);
        }
    }

    /// Notes what is wrong with a variable, as a sentence with its name.
    public void problem(String problem) {
        problems.add(problem);
    }

    /// A variable without the space around it, or empty.
    public String text(String name) {
        return variables.getOrDefault(name, "").strip();
    }

    /// A variable that must be there; empty where it is not.
    public String required(String name, String what) {
        String text = text(name);
        if (text.isEmpty()) {
            problems.add(name + " is missing: " + what + ".");
        }
        return text;
    }

    /// What is made of a variable, which throws an [IllegalArgumentException] where that makes no sense.
    public <T extends @Nullable Object> T made(
            String name, String what, Function<String, T> make, T otherwise, boolean isRequired) {
        String text = isRequired ? required(name, what) : text(name);
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            return make.apply(text);
        } catch (IllegalArgumentException _) {
            problems.add(name + " is " + what + ", not " + text + ".");
            return otherwise;
        }
    }

    /// A port to listen on (`HTTP_PORT`); 0 for any that is free, 80 where nothing is said.
    public int port() {
        return made("HTTP_PORT", "a port, 0 to 65535", Environment::port, HTTP, false);
    }

    private static int port(String text) {
        int port = Integer.parseInt(text);
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException();
        }
        return port;
    }

    /// The address to listen on (`HTTP_HOST`); the loopback where nothing is said.
    public String host() {
        return variables.getOrDefault("HTTP_HOST", "127.0.0.1");
    }

    /// For which calls are signed.
    public String region() {
        return required("AWS_REGION", "a region such as us-east-1; calls are signed for it");
    }

    /// Whether it says with which credentials calls are signed.
    public boolean hasCredentials() {
        return CREDENTIALS.stream().anyMatch(variables::containsKey);
    }

    /// With which credentials calls are signed. Without any in the environment they are not: nothing on the network is
    /// asked for some.
    public static AwsCredentialsProvider credentials(boolean hasCredentials) {
        return hasCredentials ? DefaultCredentialsProvider.builder().build() : AnonymousCredentialsProvider.create();
    }

    /// A URL of a server, reached by HTTP or HTTPS.
    ///
    /// @throws IllegalArgumentException if it is none
    public static URI url(String text) {
        try {
            URI url = new URI(text);
            if (("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null) {
                return url;
            }
        } catch (URISyntaxException _) {
            // Said below.
        }
        throw new IllegalArgumentException("not a URL of a server: " + text);
    }
}
