package io.topicstream.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Loads over TLS, on a server that speaks it with the sockets of the JDK.
class TlsLoadTest {
    @TempDir
    private static Path scratch;

    /// Made once: the tool takes seconds.
    private static LoopbackCertificate certificate;

    @BeforeAll
    static void make() {
        certificate = LoopbackCertificate.make(scratch);
    }

    @AfterAll
    static void clear() {
        certificate.close();
        assertThat(scratch).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3,EPOLL", "TLSv1.3,NIO", "TLSv1.2,EPOLL", "TLSv1.2,NIO"})
    void nothingIsLost(String version, Transport transport) throws IOException {
        try (NativeStandIn server = start(version)) {
            LoadResult result = load(
                    server,
                    "--topic-prefix two. --subs 10 --pubs 2 --groups 2 --rate 800 --dur 0.3 --transport " + transport);

            assertThat(result.counts().sent()).isEqualTo(320);
            assertThat(result.counts().delivered()).isEqualTo(1_600);
            assertThat(result.counts().areClean()).as(result.summary()).isTrue();
            assertThat(result.dropped()).as(result.firstComplaint()).isZero();
        }
    }

    /// A message is several records, and what waits in the window is more than a socket takes.
    @ParameterizedTest
    @CsvSource({"TLSv1.3,EPOLL", "TLSv1.3,NIO", "TLSv1.2,EPOLL"})
    void messagesOfManyRecordsPassWhole(String version, Transport transport) throws IOException {
        try (NativeStandIn server = start(version)) {
            LoadResult result = load(
                    server,
                    "--subs 3 --pubs 1 --acks --window 400 --size 60000 --count 400 --dur 20 --transport " + transport);

            assertThat(result.dropped()).as(result.firstComplaint()).isZero();
            assertThat(result.counts().sent()).isGreaterThanOrEqualTo(400);
            assertThat(result.counts().committed()).isEqualTo(result.counts().sent());
            assertThat(result.counts().delivered())
                    .isEqualTo(3 * result.counts().sent());
            assertThat(result.counts().areClean()).as(result.summary()).isTrue();
        }
    }

    @Test
    void whoStoppedReadingGetsEverythingAfterwards() throws IOException {
        try (NativeStandIn server = start("TLSv1.3")) {
            LoadResult result = load(server, "--subs 6 --stall 2 --pubs 1 --rate 100 --size 512 --drain 20 --dur 0.3");

            assertThat(result.counts().expected()).isEqualTo(240);
            assertThat(result.counts().delivered()).isEqualTo(240);
            assertThat(result.counts().areClean()).as(result.summary()).isTrue();
        }
    }

    @Test
    void httpGoesOverTlsToo() throws IOException {
        try (NativeStandIn server = start("TLSv1.3")) {
            LoadResult result = load(server, "--protocol produce --pubs 1 --window 16 --count 300 --dur 20");

            assertThat(result.counts().committed()).isEqualTo(300);
        }
    }

    @Test
    void aServerWithoutTlsIsToldFromOneThatIsNotThere() {
        try (BareHttpServer server = BareHttpServer.start(0)) {
            assertThatThrownBy(() -> load(server.port(), "--subs 3 --dur 0"))
                    .isInstanceOf(LoadFailure.class)
                    .hasMessageContaining("only 0 of 3 connections")
                    .hasMessageContaining("connecting failed");
        }
    }

    private static NativeStandIn start(String version) throws IOException {
        return NativeStandIn.overTls(0, certificate.certificate(), certificate.key(), version);
    }

    private static LoadResult load(NativeStandIn server, String arguments) {
        return load(server.port(), arguments);
    }

    private static LoadResult load(int port, String arguments) {
        String times = " --settle 0 --warm 0.1 --drain 2 --ready-timeout 20 --max-time 60 --port " + port;
        return LoadRun.run(LoadOptions.parse(ServerProcess.words(
                "--tls " + (arguments.contains("--protocol") ? "" : "--protocol native ") + arguments + times)));
    }
}
