package io.topicstream.aws.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// What tests start in other languages: installed below `target` by the client of its registry, at the versions of
/// lists that stand beside this class; once, until these change.
final class Installed {
    private static final String MARK = "installed-of";
    private static final long PATIENCE_SECONDS = 300;

    private Installed() {}

    /// The folder of something, in which it is installed now.
    ///
    /// @param name of the folder, also of the one in which the lists stand
    /// @param lists names of files, which the command finds where it runs
    static synchronized Path folder(String name, List<String> lists, String... command) throws IOException {
        Path folder = Files.createDirectories(Path.of("target", name).toAbsolutePath());
        Map<String, String> wanted = new LinkedHashMap<>();
        for (String list : lists) {
            try (InputStream text = Objects.requireNonNull(Installed.class.getResourceAsStream(name + "/" + list))) {
                wanted.put(list, new String(text.readAllBytes(), UTF_8));
            }
        }
        Path mark = folder.resolve(MARK);
        String now = String.join("\n", wanted.values());
        if (!Files.exists(mark) || !Files.readString(mark).equals(now)) {
            Files.deleteIfExists(mark);
            for (Map.Entry<String, String> list : wanted.entrySet()) {
                Files.writeString(folder.resolve(list.getKey()), list.getValue());
            }
            String said = run(folder, command);
            if (!said.startsWith("0\n")) {
                throw new IOException(name + " cannot be installed: " + said);
            }
            Files.writeString(mark, now);
        }
        return folder;
    }

    /// Runs a command, and waits for its end.
    ///
    /// @return with which code it ended, and in the lines behind it what it said
    static String run(Path in, String... command) throws IOException {
        Path log = Files.createTempFile(in, "said", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(in.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("PIP_ROOT_USER_ACTION", "ignore");
        Process process = builder.start();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(String.join(" ", command) + " does not end: " + Files.readString(log));
            }
            return process.exitValue() + "\n" + Files.readString(log);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
            Files.delete(log);
        }
    }
}
