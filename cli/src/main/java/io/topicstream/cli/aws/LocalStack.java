package io.topicstream.cli.aws;

import io.topicstream.aws.audience.DoorSettings;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.local.LocalDynamo;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The serverless edition on one machine with what it stands on.
///
/// @param store where the table is
public record LocalStack(LocalDynamo store, LocalAws aws) implements AutoCloseable {
    /// It cannot be opened.
    public static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;

        /// Which part of it cannot be had.
        public enum Part {
            /// A variable has a wrong value.
            SETTINGS,
            /// There is no program for the table, and no address of one that runs.
            PROGRAM,
            /// The table cannot be used.
            TABLE,
            /// The port cannot be listened on.
            PORT
        }

        private final Part part;

        UnusableException(Part part, String message, @Nullable Throwable cause) {
            super(message, cause);
            this.part = part;
        }

        public Part part() {
            return part;
        }
    }

    /// Opens it.
    ///
    /// @param dynamo a DynamoDB that runs; null: the program dynoxide is started
    /// @param table in it, made where it is missing
    /// @param data where the program keeps the table; null: in memory
    /// @param port on the loopback, or 0 for any
    /// @param environment where the program is looked for, and what can be chosen about the front door
    /// @param home the user's
    public static LocalStack open(
            @Nullable URI dynamo,
            String table,
            @Nullable Path data,
            int port,
            Map<String, String> environment,
            Path home)
            throws UnusableException {
        DoorSettings settings = LocalSettings.of(environment);
        LocalDynamo store = dynamo == null ? start(data, environment, home) : LocalDynamo.at(dynamo);
        LocalAws.Parts parts;
        try {
            DynamoOptions options =
                    DynamoOptions.DEFAULTS.withRetention(settings.policies().retention());
            parts = LocalAws.Parts.of(store.table(table), options).with(settings);
        } catch (IOException e) {
            store.close();
            throw new UnusableException(UnusableException.Part.TABLE, String.valueOf(e.getMessage()), e);
        }
        try {
            return new LocalStack(store, new LocalAws(parts, port));
        } catch (IOException e) {
            store.close();
            throw new UnusableException(
                    UnusableException.Part.PORT, "cannot listen on 127.0.0.1:" + port + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private static LocalDynamo start(@Nullable Path data, Map<String, String> environment, Path home)
            throws UnusableException {
        Path program = LocalDynamo.find(environment, home);
        if (program == null) {
            throw new UnusableException(
                    UnusableException.Part.PROGRAM,
                    "the program dynoxide, an open stand-in for DynamoDB, is not installed: docs/aws.md has the"
                            + " command. Or name a DynamoDB that runs by --dynamodb",
                    null);
        }
        try {
            if (data != null) {
                Files.createDirectories(data);
            }
            return LocalDynamo.start(program, data == null ? null : data.resolve("dynamodb.sqlite"));
        } catch (IOException e) {
            throw new UnusableException(UnusableException.Part.TABLE, "dynoxide cannot be run: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        aws.close();
        store.close();
    }
}
