package io.topicstream.server.logging;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.json.JsonObjectReader;
import java.io.IOException;
import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// How lines of the log look, whatever stands in them.
class LineFormatterTest {
    private static final String KEY = "ts_0123456789abcdefghijABCDEFGHIJ0123456789";

    private final LineFormatter text = new LineFormatter.Text();
    private final LineFormatter json = new LineFormatter.Json();

    private static LogRecord record(Level level, String message) {
        LogRecord record = new LogRecord(level, message);
        record.setInstant(Instant.parse("2026-01-31T12:00:00Z"));
        record.setLoggerName("io.topicstream.server.Example");
        return record;
    }

    /// A member of the line, which is one JSON object.
    private static String member(String line, String name) {
        byte[] bytes = line.getBytes(UTF_8);
        JsonObjectReader.Builder members = new JsonObjectReader.Builder();
        JsonObjectReader.Member member = members.add(name);
        JsonObjectReader reader = members.build();
        assertThat(reader.read(bytes, 0, bytes.length)).as(reader.problem()).isTrue();
        return String.valueOf(reader.string(member));
    }

    @Test
    void aLineOfTextIsATimeALevelAndWhatIsSaid() {
        assertThat(text.format(record(Level.WARNING, "the store is slow")))
                .isEqualTo("2026-01-31T12:00:00.000Z WARNING the store is slow\n");
        assertThat(text.format(record(Level.FINE, "x"))).contains("Z DEBUG x");
        assertThat(text.format(record(Level.SEVERE, "x"))).contains("Z ERROR x");
    }

    @Test
    void whoSaysItIsNamedIfItIsALibrary() {
        LogRecord record = record(Level.INFO, "bound");
        record.setLoggerName("io.netty.channel");

        assertThat(text.format(record)).isEqualTo("2026-01-31T12:00:00.000Z INFO io.netty.channel: bound\n");
    }

    @Test
    void aLineOfJsonIsAnObject() {
        assertThat(json.format(record(Level.INFO, "a \"quote\" and a \\")))
                .isEqualTo("{\"time\":\"2026-01-31T12:00:00.000Z\",\"level\":\"info\","
                        + "\"logger\":\"io.topicstream.server.Example\",\"message\":\"a \\\"quote\\\" and a \\\\\"}\n");
    }

    @Test
    void parametersAreFilledIn() {
        LogRecord record = record(Level.INFO, "answered {0}: {1}");
        record.setParameters(new Object[] {"bad_frame", "a\nb"});

        assertThat(text.format(record)).endsWith("INFO answered bad_frame: a\\u000Ab\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\n2026-01-31T12:00:00.000Z INFO forged",
                "\r\nforged",
                "\u001B[31mred",
                "\u0000",
                "\u0085next line",
                "\u2028line\u2029paragraph",
                "\u202Ereversed",
                "\u200Binvisible",
                "\uD800",
                "\uDC00\uD800",
                "\u007F",
                "\t"
            })
    void nobodyWritesLinesOfHisOwnIntoTheLog(String hostile) {
        LogRecord record = record(Level.INFO, "name " + hostile + " end");
        record.setThrown(new IOException("cause " + hostile));

        for (String line : new String[] {text.format(record), json.format(record)}) {
            assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
            assertThat(line.chars().limit(line.length() - 1L)).allMatch(c -> c >= ' ' && c < 0x7F);
        }
        assertThat(member(json.format(record), "message")).startsWith("name \\u");
    }

    @Test
    void lettersOfAllScriptsStay() {
        assertThat(text.format(record(Level.INFO, "grüße 你好"))).endsWith("INFO grüße 你好\n");
    }

    @Test
    void anExceptionIsOneLineWithItsCauses() {
        IllegalStateException thrown = new IllegalStateException("the outer", new IOException("the inner"));
        LogRecord record = record(Level.SEVERE, "a sync failed");
        record.setThrown(thrown);

        String line = text.format(record);

        assertThat(line)
                .startsWith("2026-01-31T12:00:00.000Z ERROR a sync failed: java.lang.IllegalStateException: the outer"
                        + " (at LineFormatterTest.anExceptionIsOneLineWithItsCauses:")
                .contains("; because of java.io.IOException: the inner (at LineFormatterTest.")
                .endsWith(")\n");
        assertThat(line.lines()).hasSize(1);
        assertThat(member(json.format(record), "exception")).startsWith("java.lang.IllegalState");
    }

    @Test
    void causesThatGoRoundInACircleEnd() {
        IOException first = new IOException("first");
        first.initCause(new IOException("second", first));
        LogRecord record = record(Level.SEVERE, "failed");
        record.setThrown(first);

        assertThat(text.format(record).length()).isLessThan(LineFormatter.MAX_CHARS + 200);
    }

    @Test
    void anApiKeyIsMaskedWhereverItStands() {
        LogRecord record = record(Level.INFO, "the key " + KEY + ", and events_0123456789abcdefghij");
        record.setThrown(new IOException("no " + KEY));
        AccessRecord access = new AccessRecord("192.0.2.1", null, "GET", "/" + KEY, 404, 0, 1, 1);

        for (LineFormatter formatter : new LineFormatter[] {text, json}) {
            assertThat(formatter.format(record))
                    .doesNotContain(KEY)
                    .contains("the key ts_…, and events_0123456789abcdefghij")
                    .contains("no ts_…");
            assertThat(formatter.format(access)).doesNotContain(KEY).contains("/ts_…");
        }
    }

    @Test
    void aLongLineIsCut() {
        String line = text.format(record(Level.INFO, "x".repeat(100_000)));

        assertThat(line).endsWith("x…\n");
        assertThat(line.length()).isLessThan(LineFormatter.MAX_CHARS + 100);
    }

    @Test
    void anAccessIsALineOfItsOwnKind() {
        AccessRecord plain = new AccessRecord("192.0.2.1", "ada", "GET", "/topics/t/consume", 200, 0, 512, 1_234);
        AccessRecord upgrade = new AccessRecord("2001:db8::1", null, "GET", "/v1", 101, 4001, 151, 45);
        plain.setInstant(Instant.parse("2026-01-31T12:00:00Z"));

        assertThat(text.format(plain))
                .isEqualTo("2026-01-31T12:00:00.000Z ACCESS 192.0.2.1 ada GET /topics/t/consume 200 512 1.234ms\n");
        assertThat(text.format(upgrade)).endsWith(" ACCESS 2001:db8::1 - GET /v1 101/4001 151 0.045ms\n");
        assertThat(json.format(plain))
                .isEqualTo("{\"time\":\"2026-01-31T12:00:00.000Z\",\"level\":\"info\","
                        + "\"logger\":\"io.topicstream.access\",\"address\":\"192.0.2.1\",\"user\":\"ada\","
                        + "\"method\":\"GET\",\"path\":\"/topics/t/consume\",\"status\":200,\"bytes\":512,"
                        + "\"ms\":1.234}\n");
        assertThat(json.format(upgrade)).contains("\"status\":101,\"close_code\":4001,");
    }
}
