package io.topicstream.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/// What the documents say is what the server does.
class HttpDocumentTest {
    private static final Pattern EXAMPLE = Pattern.compile("```sh\n(.*?)\n```\n+```json\n(.*?)\n```", Pattern.DOTALL);
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

    private final HttpServer server = HttpServer.open();

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void theExamplesOfThePageHoldInTheirOrder() throws IOException {
        String page = Files.readString(document("http-api.md"));
        Matcher example = EXAMPLE.matcher(page);
        int examples = 0;

        while (example.find()) {
            examples++;
            assertThat(alike(curl(example.group(1)).body()))
                    .as(example.group(1))
                    .isEqualTo(alike(example.group(2)));
        }

        assertThat(examples).isEqualTo(page.split("```sh", -1).length - 1).isGreaterThan(10);
    }

    /// Runs what the page tells to type, with the little of curl that it uses.
    private HttpResponse<String> curl(String command) {
        List<String> headers = new ArrayList<>();
        String method = null;
        String url = "";
        String body = null;
        Matcher words = WORD.matcher(command.replace("$ADMIN_TOKEN", HttpServer.ADMIN_TOKEN));
        assertThat(words.find() && words.group().equals("curl")).isTrue();
        while (words.find()) {
            switch (word(words)) {
                case "-s" -> {}
                case "-X" -> method = next(words);
                case "-H" -> {
                    String[] header = next(words).split(": ", 2);
                    headers.addAll(List.of(header));
                }
                case "-d" -> body = next(words);
                case String given -> url = given;
            }
        }
        if (body != null && !headers.contains("Content-Type")) {
            headers.addAll(List.of("Content-Type", "application/x-www-form-urlencoded"));
        }
        if (method == null) {
            method = body == null ? "GET" : "POST";
        }
        assertThat(url).startsWith("http://127.0.0.1:8080/");
        return server.send(
                method,
                url.substring("http://127.0.0.1:8080".length()),
                body == null ? null : body.getBytes(UTF_8),
                headers.toArray(String[]::new));
    }

    private static String next(Matcher words) {
        assertThat(words.find()).isTrue();
        return word(words);
    }

    private static String word(Matcher words) {
        for (int group = 1; group < 3; group++) {
            if (words.group(group) != null) {
                return words.group(group);
            }
        }
        return words.group(3);
    }

    /// Without what is new every time: times, keys, epochs.
    private static String alike(String body) {
        return body.replaceAll("(\"timestamp\"|\"created_at\"|\"epoch\"):\\d+", "$1:0")
                .replaceAll("\"id\":\"[0-9a-f]{16}\"", "\"id\":\"\"")
                .replaceAll("\"revoked\":\\[\"[0-9a-f]{16}\"]", "\"revoked\":[]")
                .replaceAll("\"ts_\\w{40}\"", "\"\"")
                .replaceAll("\"hint\":\"\\w{4}\"", "\"hint\":\"\"");
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
