package io.topicstream.server.load;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;

/// The class path of the tests with its folders packed into archives, as a server ships. Made once, removed
/// with the process.
final class Archives {
    private final String path;

    Archives() {
        path = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .map(entry -> Files.isDirectory(entry) ? packed(entry) : entry)
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
    }

    String path() {
        return path;
    }

    private static Path packed(Path folder) {
        try {
            Path archive = Files.createTempFile("topicstream-test", ".jar");
            archive.toFile().deleteOnExit();
            int code = ToolProvider.findFirst("jar")
                    .orElseThrow()
                    .run(
                            System.out,
                            System.err,
                            "--create",
                            "--file",
                            archive.toString(),
                            "-C",
                            folder.toString(),
                            ".");
            if (code != 0) {
                throw new IOException("cannot pack " + folder);
            }
            return archive;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
