package io.topicstream.server.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminTokenTest {
    @TempDir
    Path parent;

    private Path directory;
    private final Random random = new Random(5);

    @BeforeEach
    void name() {
        directory = parent.resolve("a").resolve("run");
    }

    private String read(int port) throws IOException {
        return AdminToken.read(List.of(directory), port);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static InetSocketAddress at(int port) {
        return at("127.0.0.1", port);
    }

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    private List<String> read(String address, int port) throws IOException {
        return AdminToken.read(List.of(directory), InetAddress.ofLiteral(address), port);
    }

    @Test
    void serversOnOnePortOfSeveralAddressesHaveTheirOwn() throws IOException {
        try (AdminToken one = AdminToken.write(directory, at("127.0.0.1", 8080), random)) {
            AdminToken two = AdminToken.write(directory, at("127.0.0.2", 8080), random);

            assertThat(one.matches(read("127.0.0.1", 8080).getFirst())).isTrue();
            assertThat(two.matches(read("127.0.0.2", 8080).getFirst())).isTrue();
            assertThat(two.matches(read(8080))).isTrue();

            two.close();
            assertThat(one.matches(read("127.0.0.1", 8080).getFirst())).isTrue();
            assertThat(read("127.0.0.2", 8080)).isEmpty();
        }
        assertThat(files()).isEmpty();
    }

    @Test
    void theTokenOfAServerOnAllAddressesIsFoundBehindThatOfADeadOne() throws IOException {
        AdminToken dead = AdminToken.write(directory, at("127.0.0.1", 8080), random);

        for (String every : List.of("0.0.0.0", "::")) {
            try (AdminToken alive = AdminToken.write(directory, at(every, 8080), random)) {
                List<String> found = read("127.0.0.1", 8080);
                assertThat(dead.matches(found.get(0))).isTrue();
                assertThat(alive.matches(found.get(1))).isTrue();
                assertThat(found).hasSize(2);
                assertThat(alive.matches(read("192.0.2.7", 8080).getFirst())).isTrue();
            }
        }
    }

    @Test
    void whereItCannotBeWrittenASentenceSaysWhy() throws IOException {
        Path file = Files.writeString(parent.resolve("file"), "");

        assertThatThrownBy(() -> AdminToken.write(file, at(8080), random))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(file + " is no directory");
    }

    @Test
    void whatTheServerWroteTheCommandLineReadsAndTheServerKnowsAgain() throws IOException {
        try (AdminToken token = AdminToken.write(directory, at(8080), random)) {
            String read = read(8080);

            assertThat(read).matches("[A-Za-z0-9_-]{43}");
            assertThat(token.matches(read)).isTrue();
            assertThat(token.matches(read + "x")).isFalse();
            assertThat(token.matches(read.substring(1))).isFalse();
            assertThat(token.matches("")).isFalse();
            assertThat(token.toString()).doesNotContain(read);
            assertThat(read(8081)).isNull();
        }
    }

    @Test
    void onlyItsOwnerCanReadIt() throws IOException {
        try (AdminToken token = AdminToken.write(directory, at(8080), random)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(token.file())))
                    .isEqualTo("rw-------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                    .isEqualTo("rwx------");
            assertThat(files()).containsExactly("127.0.0.1-8080.token", "8080.token");
        }
    }

    @Test
    void itGoesWhenTheServerStops() throws IOException {
        AdminToken.write(directory, at(8080), random).close();

        assertThat(read(8080)).isNull();
        assertThat(files()).isEmpty();
    }

    @Test
    void aTokenThatADeadServerLeftIsReplaced() throws IOException {
        AdminToken dead = AdminToken.write(directory, at(8080), random);
        String old = read(8080);

        try (AdminToken token = AdminToken.write(directory, at(8080), random)) {
            assertThat(read(8080)).isNotEqualTo(old);
            assertThat(token.matches(read(8080))).isTrue();
            assertThat(dead.matches(read(8080))).isFalse();

            dead.close();
            assertThat(token.matches(read(8080))).isTrue();
        }
    }

    @Test
    void closingTwiceOrAfterSomebodyTidiedUpDoesNoHarm() throws IOException {
        AdminToken token = AdminToken.write(directory, at(8080), random);
        token.close();
        token.close();

        assertThat(files()).isEmpty();
    }

    @Test
    void aDirectoryThatOthersMayWriteToIsRefused() throws IOException {
        Files.createDirectories(directory);
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThatThrownBy(() -> AdminToken.write(directory, at(8080), random))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("by others than its owner");
        assertThat(files()).isEmpty();
    }

    @Test
    void aTokenThatOthersCouldHaveReadIsNotUsed() throws IOException {
        AdminToken token = AdminToken.write(directory, at(8080), random);
        Files.setPosixFilePermissions(token.file(), PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(() -> read(8080)).isInstanceOf(IOException.class);
    }

    @Test
    void aLinkInThePlaceOfATokenIsNotFollowed() throws IOException {
        AdminToken token = AdminToken.write(directory, at(8080), random);
        Files.createSymbolicLink(directory.resolve("9090.token"), token.file());

        assertThatThrownBy(() -> read(9090)).isInstanceOf(IOException.class);
    }

    @Test
    void theCommandLineFindsThePortsOfAllServers() throws IOException {
        AdminToken.write(directory, at(9090), random);
        AdminToken.write(directory, at(8080), random);
        AdminToken.write(parent.resolve("b"), at(7070), random);
        Files.writeString(directory.resolve("x.token"), "");

        assertThat(AdminToken.ports(List.of(directory, parent.resolve("b"), parent.resolve("none"))))
                .containsExactly(7070, 8080, 9090);
        assertThat(AdminToken.read(List.of(directory, parent.resolve("b")), 7070))
                .isNotNull();
    }

    @Test
    void theRunDirectoryIsTheConfiguredOneOrTheUsersOwn() {
        Path home = Path.of("/home/u");

        assertThat(RunDirectory.of(Path.of("/srv/run"), Map.of("XDG_RUNTIME_DIR", "/run/user/1"), home, null))
                .containsExactly(Path.of("/srv/run"));
        assertThat(RunDirectory.of(null, Map.of("XDG_RUNTIME_DIR", "/run/user/1"), home, null))
                .containsExactly(Path.of("/run/user/1/topicstream"), Path.of("/home/u/.topicstream/run"));
        for (String unusable : List.of("", "relative/dir")) {
            assertThat(RunDirectory.of(null, Map.of("XDG_RUNTIME_DIR", unusable), home, null))
                    .containsExactly(Path.of("/home/u/.topicstream/run"));
        }
        assertThat(RunDirectory.of(null, Map.of(), Path.of("?"), Path.of("data")))
                .containsExactly(Path.of("data/run"));
    }
}
