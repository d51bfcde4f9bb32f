package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/// A disk that really is full: a small file system in memory, in a mount namespace of a process of its own.
/// Where that is not allowed [FailingDiskTest] alone stands for it.
@Timeout(120)
@EnabledIf("mayMount")
class FullDiskTest {
    @TempDir
    private Path directory;

    @Test
    void aFullDiskRefusesPublishesKeepsReadsAndHealsWhenThereIsRoom() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        "unshare",
                        "--mount",
                        "sh",
                        "-c",
                        "mount -t tmpfs -o size=40m none \"$0\" && exec \"$@\"",
                        directory.toString(),
                        java,
                        "-Xmx128m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FullDiskProcess.class.getName(),
                        directory.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(said).isZero();
        assertThat(said.lines().filter(line -> line.startsWith("full: ")))
                .containsExactly("full: refused", "full: read", "full: healed", "full: all there");
    }

    static boolean mayMount() throws Exception {
        try {
            Process process = new ProcessBuilder(
                            List.of("unshare", "--mount", "sh", "-c", "mount -t tmpfs -o size=1m none /tmp"))
                    .redirectErrorStream(true)
                    .start();
            return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (java.io.IOException e) {
            return false;
        }
    }
}
