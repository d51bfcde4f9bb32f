package io.topicstream.testkit;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Keeps what one needs to understand a failed run: notes, files, and what failed. A field of a test
/// class marked `@RegisterExtension`; nothing is written for a test that passes.
///
/// The evidence lies in `target/evidence/<class>/<test>/`, and its place is printed. May be used
/// on any thread.
public final class EvidenceCollector implements AfterTestExecutionCallback {
    private final Path root;
    // Guarded by this.
    private final List<String> notes = new ArrayList<>();
    private final Map<String, Callable<byte[]>> files = new LinkedHashMap<>();
    private final Map<String, Path> copies = new LinkedHashMap<>();

    public EvidenceCollector() {
        this(Path.of("target", "evidence"));
    }

    EvidenceCollector(Path root) {
        this.root = root;
    }

    /// Adds a line to `notes.txt`.
    public synchronized void note(String line) {
        notes.add(line);
    }

    /// Adds a file whose content is made only if the test fails.
    public synchronized void keep(String fileName, Callable<byte[]> content) {
        files.put(fileName, content);
    }

    /// Adds a file or a directory, to be copied if the test fails.
    public synchronized void keep(Path path) {
        copies.put(path.getFileName().toString(), path);
    }

    @Override
    public void afterTestExecution(ExtensionContext context) throws IOException {
        Throwable failure = context.getExecutionException().orElse(null);
        if (failure != null) {
            Path place = root.resolve(context.getRequiredTestClass().getSimpleName())
                    .resolve(context.getRequiredTestMethod().getName());
            write(place, failure);
            System.out.println("evidence of the failure: " + place.toAbsolutePath());
        }
    }

    synchronized void write(Path place, Throwable failure) throws IOException {
        Files.createDirectories(place);
        StringWriter trace = new StringWriter();
        failure.printStackTrace(new PrintWriter(trace, true));
        Files.writeString(place.resolve("failure.txt"), trace.toString());
        Files.write(place.resolve("notes.txt"), notes);
        for (Map.Entry<String, Callable<byte[]>> file : files.entrySet()) {
            try {
                Files.write(place.resolve(file.getKey()), file.getValue().call());
            } catch (Exception e) {
                // The rest of the evidence is still worth having.
                failure.addSuppressed(e);
            }
        }
        for (Map.Entry<String, Path> copy : copies.entrySet()) {
            copy(copy.getValue(), place.resolve(copy.getKey()));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var paths = Files.walk(from)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }
}
