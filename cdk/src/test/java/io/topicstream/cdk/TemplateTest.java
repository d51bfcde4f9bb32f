package io.topicstream.cdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The templates in the folder `template` are what the app writes, byte for byte. They are written anew by
/// `./run TemplateApp template`.
class TemplateTest {
    private static final Path COMMITTED = Path.of("template");

    @TempDir
    private Path folder;

    @Test
    void theTemplatesAreThoseOfTheApp() throws IOException {
        TemplateApp.write(folder);

        try (Stream<Path> made = Files.list(folder);
                Stream<Path> committed = Files.list(COMMITTED)) {
            for (String name : Stream.concat(made, committed)
                    .map(file -> file.getFileName().toString())
                    .collect(Collectors.toSet())) {
                assertThat(folder.resolve(name)).as(name).hasSameTextualContentAs(COMMITTED.resolve(name));
            }
        }
    }
}
