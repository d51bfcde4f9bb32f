package io.topicstream.gateway.lambda;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A named pipe for what one process prints.
///
/// When a process ends, Java reads all that is still in a pipe of its own making. Somebody who has inherited it
/// and goes on printing keeps it there for ever, and all that he prints in memory. This pipe is closed instead.
///
/// @param in where it is read; the pipe is open until this is closed
record FunctionPipe(Path path, InputStream in) {
    /// Makes one. Blocks.
    ///
    /// @return null where there are no named pipes
    static @Nullable FunctionPipe make(FunctionFolders folders) {
        try {
            Path path = folders.pipe();
            // For both directions: to open one would wait until somebody opens the other.
            RandomAccessFile both = new RandomAccessFile(path.toFile(), "rw");
            return new FunctionPipe(path, new FileInputStream(both.getFD()));
        } catch (IOException e) {
            return null;
        }
    }

    /// Starts a process that prints into it, and takes its name away.
    Process start(ProcessBuilder builder) throws IOException {
        try {
            return builder.redirectOutput(ProcessBuilder.Redirect.to(path.toFile()))
                    .start();
        } catch (IOException e) {
            in.close();
            throw e;
        } finally {
            Files.deleteIfExists(path);
        }
    }
}
