package io.topicstream.examples.directchat;

import io.topicstream.examples.backend.Environment;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// What the environment says of a back end, beside where it listens.
///
/// @param names where names are kept
/// @param region of AWS, for which calls are signed
/// @param hasCredentials whether the environment says with which credentials calls are signed
record Settings(Names names, String region, boolean hasCredentials) {
    /// Where names are kept.
    sealed interface Names {
        /// In a folder, by the engine on RocksDB.
        record InFolder(Path folder) implements Names {}

        /// In a table of DynamoDB.
        ///
        /// @param endpoint where DynamoDB is, or null for that of the region
        record InTable(String table, @Nullable URI endpoint) implements Names {}
    }

    /// Reads the environment.
    ///
    /// @throws Environment.Missing naming every variable that is missing or makes no sense
    static Settings of(Environment reading) throws Environment.Missing {
        String type = reading.required("DB_TYPE", "ROCKSDB or DYNAMODB");
        Names names = switch (type) {
            case "ROCKSDB" -> new Names.InFolder(reading.made("ROCKSDB_DIR", "a folder", Path::of, Path.of(""), true));
            case "DYNAMODB" ->
                new Names.InTable(
                        reading.required("DYNAMODB_TABLE_NAME", "the name of a table"),
                        reading.<@Nullable URI>made(
                                "DYNAMODB_ENDPOINT_URL",
                                "a URL such as http://127.0.0.1:8000",
                                Environment::url,
                                null,
                                false));
            default -> {
                if (!type.isEmpty()) {
                    reading.problem("DB_TYPE is ROCKSDB or DYNAMODB, not " + type + ".");
                }
                yield new Names.InFolder(Path.of(""));
            }
        };
        String region = reading.region();
        reading.check();
        return new Settings(names, region, reading.hasCredentials());
    }
}
