package io.topicstream.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTest {
    private static final byte[] ONE = {'1'};

    @Test
    void jsonIsPrintedAsItIsWithoutACopy() {
        Message message = message(ONE, null);

        assertThat(message.json()).isSameAs(message.payload());
        assertThat(message.jsonBytes()).isEqualTo(1);
    }

    @Test
    void bytesArePrintedAsAStringOfBase64() {
        for (int length = 0; length < 20; length++) {
            byte[] payload = new byte[length];
            for (int i = 0; i < length; i++) {
                payload[i] = (byte) (i * 83);
            }
            Message message = message(payload, Details.ofBytes("a/b"));

            assertThat(new String(message.json(), StandardCharsets.US_ASCII))
                    .isEqualTo('"' + Base64.getEncoder().encodeToString(payload) + '"');
            assertThat(message.jsonBytes()).isEqualTo(message.json().length);
        }
    }

    @Test
    void whatIsRedactedIsPrintedAsNull() {
        Message message = message(new byte[0], Details.REDACTED);

        assertThat(message.json()).asString(StandardCharsets.US_ASCII).isEqualTo("null");
        assertThat(message.jsonBytes()).isEqualTo(4);
    }

    @Test
    void nothingToSayIsNoObject() {
        assertThat(message(ONE, Details.NONE)).isEqualTo(message(ONE, null));
        assertThat(message(ONE, Details.NONE.withKey(null)).details()).isNull();
        assertThat(new Draft(ONE, null, Details.NONE.withHeaders(Headers.NONE)).details())
                .isNull();
    }

    @Test
    void aDraftIsWithheldAndKeepsAllElse() {
        Draft plain = new Draft(ONE, "id", null).withheldFrom("c");
        assertThat(plain).isEqualTo(new Draft(ONE, "id", Details.NONE.withheldFrom("c")));
        Details details = new Details(Message.Kind.BYTES, "a/b", Headers.of(Map.of("h", "v")), "k", "o", null);
        assertThat(new Draft(ONE, "id", details).withheldFrom("c").details())
                .isEqualTo(new Details(Message.Kind.BYTES, "a/b", Headers.of(Map.of("h", "v")), "k", "o", "c"));
    }

    @Test
    void aMessageCountsAllThatItHas() {
        Details details =
                new Details(Message.Kind.BYTES, "a/b", Headers.of(Map.of("h", "vv")), "kkkk", "ooooo", "cccccc");
        assertThat(message(ONE, null).sizeBytes()).isEqualTo(64 + 1);
        assertThat(message(ONE, details).sizeBytes()).isEqualTo(64 + 6 + 3 + (1 + 2 + 6) + 4 + 5 + 6);
        assertThat(new Draft(ONE, "id", details).sizeBytes()).isEqualTo(1 + 3 + (1 + 2 + 6) + 4 + 5 + 6);
        assertThat(new Draft(ONE, "id", null).sizeBytes()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "/b", "a/", "a/ü", "a/b\n"})
    void aContentTypeHasATypeAndASubtype(String contentType) {
        assertThatThrownBy(() -> Details.ofBytes(contentType))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a content type is type/subtype");
    }

    @Test
    void whatDoesNotFitTogetherIsRefused() {
        assertThatThrownBy(() -> new Details(Message.Kind.JSON, "a/b", Headers.NONE, null, null, null))
                .hasMessageContaining("bytes have a content type");
        assertThatThrownBy(() -> new Details(Message.Kind.BYTES, null, Headers.NONE, null, null, null))
                .hasMessageContaining("bytes have a content type");
        assertThatThrownBy(() -> new Draft(new byte[0], null, null)).hasMessageContaining("at least one character");
        assertThatThrownBy(() -> new Draft(ONE, null, Details.REDACTED)).hasMessageContaining("redacted");
        assertThatThrownBy(() -> Details.NONE.withKey("k".repeat(257))).hasMessageContaining("256");
        assertThatThrownBy(() -> Details.NONE.withheldFrom("t".repeat(129))).hasMessageContaining("128");
        assertThatThrownBy(() -> Details.NONE.withOrigin("o".repeat(129))).hasMessageContaining("128");
        assertThatThrownBy(() -> Details.ofBytes("a/" + "b".repeat(127))).hasMessageContaining("128");
        assertThat(Details.ofBytes("a/" + "b".repeat(126)).contentType()).hasSize(128);
    }

    private static Message message(byte[] payload, @Nullable Details details) {
        return new Message(1, 2, null, null, payload, details);
    }
}
