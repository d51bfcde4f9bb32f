package io.topicstream.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.pages.PageFiles;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whether a server has the chat page, and which stage it is for. A build that was made without npm has none, and then
/// its server says so.
class ServedChatPageTest {
    private static final Map<String, byte[]> BUILT = PageFiles.ofChat();

    private static TopicStreamServer start(String... settings) {
        return TestServers.start(Engine.inMemory(InstantSource.system()), TestServers.config(settings));
    }

    @Test
    void thePageIsServedAsItWasBuilt() {
        try (TopicStreamServer server = start()) {
            RawHttp page = RawHttp.get(server.address(), "/chat/");
            RawHttp home = RawHttp.get(server.address(), "/", "Accept: text/html");

            if (BUILT.isEmpty()) {
                assertThat(server.chatPage()).isNull();
                assertThat(server.chatPageAbsence()).contains("this build has none", "web/", "docs/chat-page.md");
                assertThat(page.status()).isEqualTo(404);
                assertThat(page.text()).contains("this build of the server has no chat page");
                assertThat(RawHttp.get(server.address(), "/chat").status()).isEqualTo(404);
                assertThat(home.text()).doesNotContain("chat/");
            } else {
                assertThat(server.chatPage()).isEqualTo("/chat/");
                assertThat(server.chatPageAbsence()).isNull();
                assertThat(page.status()).isEqualTo(200);
                assertThat(page.text()).endsWith(new String(BUILT.get("index.html"), ISO_8859_1));
                assertThat(home.text()).contains("<a href=\"./chat/\">");
            }
        }
    }

    /// Everything that the page names is there, with a type that a browser takes.
    @Test
    void whatThePageNamesIsThere() {
        assertThat(BUILT.isEmpty() || BUILT.containsKey("index.html")).isTrue();
        try (TopicStreamServer server = start()) {
            for (String path : BUILT.keySet()) {
                RawHttp answer = RawHttp.get(server.address(), "/chat/" + path);

                assertThat(answer.status()).as(path).isEqualTo(200);
                assertThat(answer.text()).as(path).doesNotContain("application/octet-stream");
            }
            if (!BUILT.isEmpty()) {
                String index = RawHttp.get(server.address(), "/chat/").text();
                List<String> named = Pattern.compile("(?:src|href)=\"\\./([^\"]+)\"")
                        .matcher(index)
                        .results()
                        .map(match -> match.group(1))
                        .toList();
                assertThat(named).isNotEmpty().isSubsetOf(BUILT.keySet());
                assertThat(index).as("the policy allows none of these").doesNotContain("<script>", "<style", "style=");
            }
        }
    }

    /// Where there is a stage, the page is told of it, but for the one that it takes by itself.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[{path: /v1, dialect: native}] | {}",
                "[{path: /first, dialect: native}, {path: /v1, dialect: native}] | {}",
                "[{path: /v1, dialect: chat}, {path: /talk, dialect: native}] | {\"server\":\"../talk\"}",
                "[{path: /, dialect: native}] | {\"server\":\"../\"}"
            })
    void thePageFindsTheStageOfItsServer(String stages, String config) {
        try (TopicStreamServer server = start("stages", stages)) {
            RawHttp answer = RawHttp.get(server.address(), "/chat/config.json");

            assertThat(answer.status()).isEqualTo(BUILT.isEmpty() ? 404 : 200);
            assertThat(answer.text().endsWith("\r\n\r\n" + config)).isEqualTo(!BUILT.isEmpty());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pages.enabled | false |",
                "stages | [{path: /v1, dialect: chat}] | there is no chat page: it needs a stage of the native dialect",
                "stages | [{path: /v1, dialect: native}, {path: /chat, dialect: native}] | there is no chat page: a stage has the path /chat"
            })
    void aServerMayHaveNone(String setting, String value, String absence) {
        try (TopicStreamServer server = start(setting, value)) {
            InetSocketAddress address = server.address();

            assertThat(server.chatPage()).isNull();
            assertThat(server.chatPageAbsence()).isEqualTo(absence);
            assertThat(RawHttp.get(address, "/chat").status()).isEqualTo(value.contains("/chat") ? 426 : 404);
            assertThat(RawHttp.get(address, "/chat/index.html").status()).isEqualTo(404);
            assertThat(RawHttp.get(address, "/chat/config.json").text()).endsWith("\r\n\r\n{\"error\":\"not found\"}");
            assertThat(RawHttp.get(address, "/chat/last-messages").status()).isEqualTo(200);
            assertThat(RawHttp.get(address, "/", "Accept: text/html").text()).doesNotContain("chat/");
        }
    }
}
