package io.topicstream.gateway.lambda;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Folders that functions need and that are nowhere yet: for code that stands in an archive or in the
/// definition. All are below one in the system's folder for such, which others may not look into.
/// Thread-safe.
final class FunctionFolders implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(FunctionFolders.class.getName());

    private static final int MAKE_SECONDS = 10;

    private final Reaper reaper;
    private @Nullable Path root;
    private int made;

    FunctionFolders(Reaper reaper) {
        this.reaper = reaper;
    }

    /// A new folder, whose name ends as told.
    synchronized Path make(String name) throws IOException {
        made++;
        return Files.createDirectory(root().resolve(made + "-" + name.replaceAll("[^A-Za-z0-9_-]", "_")));
    }

    /// A folder for what programs keep of what they have read, the same for all.
    synchronized Path cache() throws IOException {
        return Files.createDirectories(root().resolve("cache"));
    }

    /// A new named pipe.
    ///
    /// @throws IOException where the system has none
    Path pipe() throws IOException {
        Path path;
        synchronized (this) {
            made++;
            path = root().resolve(made + "-output");
        }
        Process making = new ProcessBuilder("mkfifo", "-m", "600", path.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (!making.waitFor(MAKE_SECONDS, TimeUnit.SECONDS) || making.exitValue() != 0) {
                making.destroyForcibly();
                throw new IOException("no named pipe could be made");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return path;
    }

    private Path root() throws IOException {
        Path known = root;
        if (known == null) {
            known = Files.createTempDirectory("topicstream-functions-").toRealPath();
            root = known;
            reaper.folder(known);
        }
        return known;
    }

    /// Removes a folder with all in it.
    static void remove(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes about) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path one, @Nullable IOException failure) throws IOException {
                    Files.deleteIfExists(one);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.WARNING, "{0} could not be removed: {1}", folder, e.getMessage());
        }
    }

    @Override
    public synchronized void close() {
        if (root != null) {
            remove(root);
            root = null;
        }
    }
}
