package io.topicstream.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// The description of the HTTP API is that of this server. The examples of its page are run with all others, by the
/// command line's tests.
class HttpDocumentTest {
    private final HttpServer server = HttpServer.open();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theServedDocumentIsTheOneOfTheProject() throws IOException {
        HttpResponse<String> served = server.get("/openapi.yaml");

        assertThat(served.body()).isEqualTo(Files.readString(document("openapi.yaml")));
        assertThat(served.headers().firstValue("Content-Type")).hasValue("application/yaml");
    }

    @Test
    void theDocumentListsTheRoutesOfTheTableAndNoOthers() throws IOException {
        TreeSet<String> documented = new TreeSet<>();
        try (InputStream in = Files.newInputStream(document("openapi.yaml"))) {
            Map<?, ?> document = (Map<?, ?>) new Load(LoadSettings.builder().build()).loadFromInputStream(in);
            ((Map<?, ?>) document.get("paths"))
                    .forEach((path, item) -> ((Map<?, ?>) item)
                            .keySet()
                            .forEach(method ->
                                    documented.add(method.toString().toUpperCase(java.util.Locale.ROOT) + " " + path)));
        }

        assertThat(documented).containsExactlyElementsOf(new TreeSet<>(server.routes.listed()));
    }

    private static Path document(String name) {
        return Path.of("..", "docs", name);
    }
}
