package io.topicstream.examples.directchat;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What the environment says of a back end.
///
/// @param host the address to listen on
/// @param port to listen on; 0 for any that is free
/// @param names where names are kept
/// @param region of AWS, for which calls are signed
/// @param hasCredentials whether the environment says with which credentials calls are signed
record Settings(String host, int port, Names names, String region, boolean hasCredentials) {
    /// Any of them: keys, or where the SDK gets keys from.
    private static final Set<String> CREDENTIALS = Set.of(
            "AWS_ACCESS_KEY_ID",
            "AWS_PROFILE",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI");

    private static final int MAX_PORT = 65_535;

    /// Where names are kept.
    sealed interface Names {
        /// In a folder, by the engine on RocksDB.
        record InFolder(Path folder) implements Names {}

        /// In a table of DynamoDB.
        ///
        /// @param endpoint where DynamoDB is, or null for that of the region
        record InTable(String table, @Nullable URI endpoint) implements Names {}
    }

    /// The environment does not say what it must.
    static final class Missing extends Exception {
        private static final long serialVersionUID = 1;

        /// @param problems one sentence a variable, with its name
        Missing(List<String> problems) {
            super(String.join("\n", problems));
        }
    }

    /// Reads the environment.
    ///
    /// @throws Missing naming every variable that is missing or makes no sense
    static Settings of(Map<String, String> environment) throws Missing {
        List<String> problems = new ArrayList<>();
        Reading reading = new Reading(environment, problems);
        String type = reading.required("DB_TYPE", "ROCKSDB or DYNAMODB");
        Names names = switch (type) {
            case "ROCKSDB" -> new Names.InFolder(reading.made("ROCKSDB_DIR", "a folder", Path::of, Path.of(""), true));
            case "DYNAMODB" ->
                new Names.InTable(
                        reading.required("DYNAMODB_TABLE_NAME", "the name of a table"),
                        reading.<@Nullable URI>made(
                                "DYNAMODB_ENDPOINT_URL",
                                "a URL such as http://127.0.0.1:8000",
                                Settings::url,
                                null,
                                false));
            default -> {
                if (!type.isEmpty()) {
                    problems.add("DB_TYPE is ROCKSDB or DYNAMODB, not " + type + ".");
                }
                yield new Names.InFolder(Path.of(""));
            }
        };
        String region = reading.required("AWS_REGION", "a region such as us-east-1; calls are signed for it");
        int port = reading.made("HTTP_PORT", "a port, 0 to 65535", Settings::port, 80, false);
        String host = environment.getOrDefault("HTTP_HOST", "127.0.0.1");
        if (!problems.isEmpty()) {
            throw new Missing(problems);
        }
        return new Settings(host, port, names, region, CREDENTIALS.stream().anyMatch(environment::containsKey));
    }

    /// The variables as they are read.
    private record Reading(Map<String, String> environment, List<String> problems) {
        String text(String name) {
            return environment.getOrDefault(name, "").strip();
        }

        /// A variable that must be there; empty where it is not.
        String required(String name, String what) {
            String text = text(name);
            if (text.isEmpty()) {
                problems.add(name + " is missing: " + what + ".");
            }
            return text;
        }

        /// What is made of a variable.
        <T extends @Nullable Object> T made(
                String name, String what, Function<String, T> make, T otherwise, boolean isRequired) {
            String text = isRequired ? required(name, what) : text(name);
            if (text.isEmpty()) {
                return otherwise;
            }
            try {
                return make.apply(text);
            } catch (InvalidPathException | NumberFormatException | BadUrl _) {
                problems.add(name + " is " + what + ", not " + text + ".");
                return otherwise;
            }
        }
    }

    private static final class BadUrl extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /// A URL of a server, reached by HTTP or HTTPS.
    static URI url(String text) {
        try {
            URI url = new URI(text);
            if (("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null) {
                return url;
            }
        } catch (URISyntaxException _) {
            // Said below.
        }
        throw new BadUrl();
    }

    private static int port(String text) {
        int port = Integer.parseInt(text);
        if (port < 0 || port > MAX_PORT) {
            throw new NumberFormatException();
        }
        return port;
    }
}
