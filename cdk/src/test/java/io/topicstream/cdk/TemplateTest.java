package io.topicstream.cdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

        for (String name : new String[] {"topicstream.template.json", "topicstream-account.template.json"}) {
            assertThat(Files.readString(folder.resolve(name)))
                    .as(name)
                    .isEqualTo(Files.readString(COMMITTED.resolve(name)));
        }
    }
}
