package io.topicstream.cli.migrate;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/// Where a store is: `rocksdb:DIR` or `dynamodb:TABLE`.
public sealed interface Place {
    /// A data directory.
    record Directory(Path path) implements Place {
        @Override
        public String toString() {
            return "rocksdb:" + path;
        }
    }

    /// A table of DynamoDB.
    record Table(String name) implements Place {
        @Override
        public String toString() {
            return "dynamodb:" + name;
        }
    }

    /// The place that is written so.
    ///
    /// @throws IllegalArgumentException that says what a place is, where the text names something else
    static Place of(String text) {
        String[] parts = text.split(":", 2);
        if (parts.length == 2 && !parts[1].isEmpty()) {
            try {
                switch (parts[0]) {
                    case "rocksdb" -> {
                        return new Directory(Path.of(parts[1]));
                    }
                    case "dynamodb" -> {
                        return new Table(parts[1]);
                    }
                    default -> {}
                }
            } catch (InvalidPathException e) {
                throw new IllegalArgumentException("there is no such directory: " + text, e);
            }
        }
        throw new IllegalArgumentException("a store is rocksdb:DIR or dynamodb:TABLE, not " + text);
    }
}
