package io.topicstream.server.pages;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The files of a page in the archive that its build makes.
///
/// What is in an archive cannot be listed by name, so the build writes a list beside the folder: one path a line.
public final class PageFiles {
    private static final String FOLDER = "/io/topicstream/web/chat";

    private PageFiles() {}

    /// Reads those of the chat page, by their paths below the folder; none where it was not built.
    ///
    /// @throws IllegalStateException if one of the list is missing
    public static Map<String, byte[]> ofChat() {
        byte[] list = read(FOLDER + ".files");
        Map<String, byte[]> files = new LinkedHashMap<>();
        if (list != null) {
            new String(list, UTF_8).lines().forEach(path -> {
                byte[] bytes = read(FOLDER + "/" + path);
                if (bytes == null) {
                    throw new IllegalStateException(path + " of the chat page is missing from the class path");
                }
                files.put(path, bytes);
            });
        }
        return files;
    }

    private static byte @Nullable [] read(String name) {
        try (InputStream in = PageFiles.class.getResourceAsStream(name)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
