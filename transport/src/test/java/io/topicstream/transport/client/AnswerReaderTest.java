package io.topicstream.transport.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AnswerReaderTest {
    private static final int HEAD_BYTES = 200;
    private static final int BODY_BYTES = 20;
    private static final int ROOM = 10_000;

    private final AtomicLong left = new AtomicLong(ROOM);
    private final AnswerReader reader = new AnswerReader(
            new ClientLimits(HEAD_BYTES, BODY_BYTES, 1, Duration.ofSeconds(1), Duration.ofSeconds(1)),
            new AnswerRoom() {
                @Override
                public boolean hold(int bytes) {
                    left.addAndGet(-bytes);
                    return true;
                }

                @Override
                public void giveBack(long bytes) {
                    left.addAndGet(bytes);
                }
            },
            new byte[HEAD_BYTES]);

    @AfterEach
    void nothingIsHeld() {
        reader.drop();
        assertThat(left).hasValue(ROOM);
    }

    /// Gives it an answer in pieces; whether it was whole, and nothing was left.
    private boolean read(String answer, int pieceBytes) throws IOException {
        boolean whole = false;
        for (int at = 0; at < answer.length(); at += pieceBytes) {
            ByteBuf in =
                    Unpooled.copiedBuffer(answer.substring(at, Math.min(answer.length(), at + pieceBytes)), ISO_8859_1);
            try {
                assertThat(whole).isFalse();
                whole = reader.read(in);
                assertThat(in.isReadable()).isFalse();
            } finally {
                in.release();
            }
        }
        return whole;
    }

    private String body() {
        return new String(reader.takeBody(), ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 1000})
    void answersAreReadInPiecesOfAnySize(int pieceBytes) throws Exception {
        reader.begin(false);
        assertThat(read("HTTP/1.1 200 OK\r\nX-A: 1\r\nx-a:2 \r\nContent-Length: 5\r\n\r\nhello", pieceBytes))
                .isTrue();
        assertThat(reader.head().status()).isEqualTo(200);
        assertThat(reader.head().fields().get("X-a")).isEqualTo(List.of("1", "2"));
        assertThat(reader.head().keepsOpen()).isTrue();
        assertThat(body()).isEqualTo("hello");

        reader.begin(false);
        assertThat(read("""
                        HTTP/1.1 200
                        Transfer-Encoding: Chunked

                        5;a=b
                        hello
                        00a
                        0123456789
                        0
                        Trailer: 1

                        """.replace("\n", "\r\n"), pieceBytes)).isTrue();
        assertThat(body()).isEqualTo("hello0123456789");

        reader.begin(false);
        assertThat(read(
                        "HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 204 No\n\n",
                        pieceBytes))
                .isTrue();
        assertThat(reader.head().status()).isEqualTo(204);
        assertThat(body()).isEmpty();

        reader.begin(false);
        assertThat(read("HTTP/1.0 404 Not Found\r\nA: b\r\n c\r\n\r\ngone", pieceBytes))
                .isFalse();
        assertThat(reader.endsHere()).isTrue();
        assertThat(reader.head().keepsOpen()).isFalse();
        assertThat(reader.head().fields().get("a")).containsExactly("b c");
        assertThat(body()).isEqualTo("gone");
    }

    @ParameterizedTest
    @CsvSource({
        "true,200,Content-Length: 7",
        "true,200,Transfer-Encoding: chunked",
        "true,200,Content-Length: 100",
        "false,204,Content-Length: 7",
        "false,304,Content-Length: 7",
        "false,200,Content-Length: 0"
    })
    void answersWithoutABodyEndWithTheirHead(boolean forHead, int status, String field) throws Exception {
        reader.begin(forHead);

        assertThat(read("HTTP/1.1 " + status + " X\r\n" + field + "\r\n\r\n", 1000))
                .isTrue();
        assertThat(body()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "Connection: close,false",
        "'Connection: x, Close',false",
        "Connection: keep-alive,true",
        "Transfer-Encoding: chunked,false"
    })
    void connectionsAreKeptUnlessItSaysOtherwise(String field, boolean kept) throws Exception {
        reader.begin(false);

        read("HTTP/1.1 200 OK\r\n" + field + "\r\nContent-Length: 0\r\n\r\n", 1000);

        assertThat(reader.head().keepsOpen()).isEqualTo(kept);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n\r\n",
                "x\r\n\r\n",
                "HTTP/2.0 200 OK\r\n\r\n",
                "HTTP/1.1  200 OK\r\n\r\n",
                "HTTP/1.1 20 OK\r\n\r\n",
                "HTTP/1.1 2000 OK\r\n\r\n",
                "HTTP/1.1 099 OK\r\n\r\n",
                "HTTP/1.1 600 OK\r\n\r\n",
                "HTTP/1.1 101 Switching\r\n\r\n",
                "HTTP/1.1 200 OK\r\n A: b\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA b\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
                "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA: b\u0000\r\n\r\n",
                "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551617\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\nx",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a\nx",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n"
            })
    void whatCouldMeanTwoThingsIsRefused(String answer) {
        reader.begin(false);

        assertThatThrownBy(() -> read(answer, 1)).isInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @CsvSource({"20,true", "21,false"})
    void bodiesAreBounded(int bytes, boolean fits) throws Exception {
        String body = "x".repeat(bytes);
        for (String answer : List.of(
                "Content-Length: " + bytes + "\r\n\r\n" + body,
                "Transfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(bytes) + "\r\n" + body + "\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\n" + "1\r\nx\r\n".repeat(bytes) + "0\r\n\r\n",
                "A: b\r\n\r\n" + body)) {
            reader.begin(false);
            String whole = "HTTP/1.1 200 OK\r\n" + answer;
            if (fits) {
                assertThat(read(whole, 1000) || reader.endsHere()).isTrue();
                assertThat(body()).isEqualTo(body);
            } else {
                assertThatThrownBy(() -> read(whole, 1))
                        .isInstanceOf(LargeAnswerException.class)
                        .hasMessage("The answer has more than 20 bytes.");
            }
        }
    }

    @Test
    void framingIsBounded() throws Exception {
        for (String start : List.of(
                "HTTP/1.1 200 OK\r\nA: " + "x".repeat(HEAD_BYTES),
                "HTTP/1.1 100 Continue\r\n\r\n".repeat(HEAD_BYTES),
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + "0".repeat(HEAD_BYTES),
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + "x".repeat(HEAD_BYTES),
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + "A: b\r\n".repeat(HEAD_BYTES))) {
            for (int pieceBytes : new int[] {1, 10_000}) {
                reader.begin(false);
                assertThatThrownBy(() -> read(start, pieceBytes))
                        .as(start)
                        .isInstanceOf(LargeAnswerException.class)
                        .hasMessageContaining("head");
            }
        }
        for (String size : List.of("fffffff", "10000000", "ffffffffffffffff1")) {
            reader.begin(false);
            assertThatThrownBy(() -> read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + "\r\n", 1))
                    .isInstanceOf(LargeAnswerException.class);
        }
        String whole = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nA: ";
        reader.begin(false);
        assertThat(read(whole + "x".repeat(HEAD_BYTES - whole.length() - 4) + "\r\n\r\n", 1))
                .isTrue();
    }

    @Test
    void anEndInTheMiddleIsNone() throws Exception {
        for (String start : List.of(
                "",
                "HTTP/1.1 200 OK\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")) {
            reader.begin(false);
            assertThat(reader.hasBegun()).isFalse();
            assertThat(read(start, 1000)).isFalse();
            assertThat(reader.hasBegun()).isEqualTo(!start.isEmpty());
            assertThat(reader.endsHere()).isFalse();
        }
    }

    @Test
    void whatComesAfterAnAnswerIsLeft() throws Exception {
        ByteBuf in = Unpooled.copiedBuffer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 2", ISO_8859_1);
        reader.begin(false);

        assertThat(reader.read(in)).isTrue();
        assertThat(in.readableBytes()).isEqualTo(10);
        in.release();
    }
}
