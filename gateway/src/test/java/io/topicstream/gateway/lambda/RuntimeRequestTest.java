package io.topicstream.gateway.lambda;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What processes of functions may send, and what archives may hold.
class RuntimeRequestTest {
    private static final int MAX = 10;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private RuntimeRequest read(String text) throws IOException {
        return RuntimeRequest.read(in(text), out, MAX);
    }

    private static InputStream in(String text) {
        return new ByteArrayInputStream(text.replace("\n", "\r\n").getBytes(ISO_8859_1));
    }

    @Test
    void aBodyOfALength() throws IOException {
        InputStream in = in("POST /a HTTP/1.1\nHost: h\nContent-Length: 10\n\n0123456789GET /b HTTP/1.1\n\n");

        RuntimeRequest first = RuntimeRequest.read(in, out, MAX);
        RuntimeRequest second = RuntimeRequest.read(in, out, MAX);

        assertThat(first.method()).isEqualTo("POST");
        assertThat(first.path()).isEqualTo("/a");
        assertThat(first.body()).asString(UTF_8).isEqualTo("0123456789");
        assertThat(second.path()).isEqualTo("/b");
        assertThat(second.body()).isEmpty();
        assertThat(RuntimeRequest.read(in, out, MAX)).isNull();
        assertThat(out.size()).isZero();
    }

    @Test
    void aBodyInChunks() throws IOException {
        RuntimeRequest request = read(
                "POST / HTTP/1.1\nTransfer-Encoding: chunked\nExpect: 100-continue\n\n4\n0123\n6;x=y\n456789\n0\nT: t\n\n");

        assertThat(request.body()).asString(UTF_8).isEqualTo("0123456789");
        assertThat(out.toString(UTF_8)).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
    }

    @Test
    void aBodyThatIsTooLargeIsReadAndThrownAway() throws IOException {
        InputStream in = in("POST /a HTTP/1.1\nContent-Length: 11\n\n0123456789A"
                + "POST /b HTTP/1.1\nTransfer-Encoding: chunked\n\nB\n0123456789A\n0\n\nGET /c HTTP/1.1\n\n");

        RuntimeRequest first = RuntimeRequest.read(in, out, MAX);
        RuntimeRequest second = RuntimeRequest.read(in, out, MAX);

        assertThat(first.body()).isNull();
        assertThat(first.bodyBytes()).isEqualTo(11);
        assertThat(second.body()).isNull();
        assertThat(RuntimeRequest.read(in, out, MAX).path()).isEqualTo("/c");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense\n\n",
                "GET / SPDY/1\n\n",
                "GET / HTTP/1.1\nno colon\n\n",
                "GET / HTTP/1.1\n: no name\n\n",
                "GET / HTTP/1.1\nContent-Length: -1\n\n",
                "GET / HTTP/1.1\nContent-Length: 99999999999999999999\n\n",
                "GET / HTTP/1.1\nContent-Length: 268435457\n\n",
                "GET / HTTP/1.1\nContent-Length: 5\n\n0123",
                "GET / HTTP/1.1\nTransfer-Encoding: chunked\n\nx\n\n",
                "GET / HTTP/1.1\nTransfer-Encoding: chunked\n\n4\n01234\n",
                "GET / HTTP/1.1\nTransfer-Encoding: chunked\n\n7FFFFFFFFFFFFFFF\n",
                "GET / HTTP/1.1\nTransfer-Encoding: chunked\n\n4\n01",
                "GET / HTTP/1.1\nHost: h\n",
                "GET /"
            })
    void whatIsNoRequestIsRefused(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(IOException.class);
    }

    @Test
    void aHeadHasABound() throws IOException {
        String head = "GET / HTTP/1.1\n";
        assertThat(read(head + "A: b\n".repeat(64) + "\n").path()).isEqualTo("/");
        assertThatThrownBy(() -> read(head + "A: b\n".repeat(66) + "\n")).isInstanceOf(IOException.class);
        assertThat(read(head + "A: " + "b".repeat(8_180) + "\n\n").path()).isEqualTo("/");
        assertThatThrownBy(() -> read(head + "A: " + "b".repeat(8_200) + "\n\n"))
                .isInstanceOf(IOException.class);
    }

    @Test
    void anArchiveStaysWhereItIs(@TempDir Path folder) throws IOException {
        Path archive = zip(folder.resolve("a.zip"), "../outside", "0123456789");
        Path into = Files.createDirectory(folder.resolve("into"));

        assertThatThrownBy(() -> FunctionCode.unpack(archive, into, 100)).hasMessageContaining("outside of itself");
        assertThat(folder.resolve("outside")).doesNotExist();
    }

    @Test
    void anArchiveHasABound(@TempDir Path folder) throws IOException {
        Path archive = zip(folder.resolve("a.zip"), "a/b.txt", "0123456789");
        Path into = Files.createDirectory(folder.resolve("into"));

        FunctionCode.unpack(archive, into, 10);
        assertThat(into.resolve("a/b.txt")).hasContent("0123456789");
        assertThatThrownBy(() -> FunctionCode.unpack(archive, into, 9)).hasMessageContaining("more than 9 bytes");
    }

    private static Path zip(Path file, String name, String content) throws IOException {
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            out.putNextEntry(new ZipEntry(name));
            out.write(content.getBytes(UTF_8));
        }
        return file;
    }
}
