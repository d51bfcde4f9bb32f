package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/// Where the native library comes from and what stays behind, in processes of their own.
@Timeout(120)
class NativeLibraryTest {
    @TempDir
    private Path directory;

    private Path store;
    private Path temporary;
    private final List<Process> processes = new ArrayList<>();

    /// Opens the store in a directory, says so, and waits to be killed if that is wanted.
    public static void main(String[] args) throws Exception {
        try (RocksLog _ = RocksLog.open(Path.of(args[0]), StoreUnderTest.small())) {
            System.out.println("opened");
            if (args.length > 1) {
                Thread.currentThread().join();
            }
        } catch (StoreException e) {
            System.out.println("refused: " + e.getMessage());
        }
    }

    @BeforeEach
    void make() throws IOException {
        store = Files.createDirectory(directory.resolve("store"));
        temporary = Files.createDirectory(directory.resolve("temporary"));
    }

    @AfterEach
    void end() {
        processes.forEach(Process::destroyForcibly);
    }

    /// @param mounts run first, in a mount namespace of its own; none where it is empty
    private Process start(String mounts, String... more) throws IOException {
        List<String> command = new ArrayList<>(
                mounts.isEmpty()
                        ? List.of()
                        : List.of("unshare", "--mount", "sh", "-c", mounts + " && exec \"$@\"", "sh"));
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temporary,
                "-cp",
                System.getProperty("java.class.path"),
                NativeLibraryTest.class.getName(),
                store.toString()));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        processes.add(process);
        return process;
    }

    /// The last line that a process says which opens the store and ends.
    private String open(String mounts) throws Exception {
        Process process = start(mounts);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said.lines().toList().getLast();
    }

    private static List<Path> filesIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> !file.getFileName().toString().startsWith("hsperfdata"))
                    .toList();
        }
    }

    @Test
    void aProcessThatIsKilledLeavesNothingInTheTemporaryDirectory() throws Exception {
        for (int i = 0; i < 2; i++) {
            Process process = start("", "wait");
            assertThat(process.inputReader().readLine()).isEqualTo("opened");
            assertThat(process.destroyForcibly().waitFor(60, TimeUnit.SECONDS)).isTrue();
        }

        assertThat(filesIn(temporary)).isEmpty();
        assertThat(filesIn(store.resolve("native"))).hasSize(1);
    }

    @Test
    void aTemporaryDirectoryThatIsNotThereIsNotMissed() throws Exception {
        Files.delete(temporary);

        assertThat(open("")).isEqualTo("opened");
    }

    @Test
    void aLibraryThatIsDamagedOrOfAnotherVersionIsReplaced() throws Exception {
        open("");
        Path library = filesIn(store.resolve("native")).getFirst();
        byte[] right = Files.readAllBytes(library);
        byte[] damaged = right.clone();
        damaged[damaged.length / 2] ^= 1;
        Files.write(library, damaged);

        assertThat(open("")).isEqualTo("opened");
        assertThat(Files.readAllBytes(library)).isEqualTo(right);
        assertThat(filesIn(store.resolve("native"))).hasSize(1);
    }

    @Test
    void whatSomebodyElsePutInItsPlaceIsNoObstacle() throws Exception {
        Files.writeString(store.resolve("native"), "a file");

        assertThat(open("")).isEqualTo("opened");
        assertThat(filesIn(temporary)).isEmpty();
    }

    @Test
    @EnabledIf("io.topicstream.rocksdb.FullDiskTest#mayMount")
    void aStoreThatProgramsMayNotRunFromTakesTheTemporaryDirectory() throws Exception {
        assertThat(open("mount -t tmpfs -o noexec none '" + store + "'")).isEqualTo("opened");
        assertThat(filesIn(temporary)).isEmpty();
    }

    @Test
    @EnabledIf("io.topicstream.rocksdb.FullDiskTest#mayMount")
    void whereItMayRunFromNowhereOneSentenceSaysSo() throws Exception {
        String told = open(
                "mount -t tmpfs -o noexec none '" + store + "' && mount -t tmpfs -o noexec none '" + temporary + "'");

        assertThat(told)
                .startsWith("refused: the store's native library cannot be loaded: ")
                .contains(store.toString(), temporary.toString(), "noexec");
    }

    @Test
    @EnabledIf("io.topicstream.rocksdb.FullDiskTest#mayMount")
    void fullDisksAreToldAsSuch() throws Exception {
        String told = open(
                "mount -t tmpfs -o size=1m none '" + store + "' && mount -t tmpfs -o size=1m none '" + temporary + "'");

        assertThat(told).startsWith("refused: the store's native library").contains("No space left");
    }
}
