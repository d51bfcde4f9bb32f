package io.topicstream.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The client in Python: its own tests, which start servers, and what holds for its sources.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // packages may be installed meanwhile
class PythonClientTest {
    private static final long PATIENCE_SECONDS = 800;

    @TempDir
    private Path directory;

    private Path packages;

    @BeforeAll
    void install() throws Exception {
        packages = Packages.pythonClient();
    }

    @Test
    void itsTestsPass() throws Exception {
        String said = run("python3", "-X", "dev", "-m", "unittest");

        // So many that it shows when they are not found.
        assertThat(said).containsPattern("Ran [3-9][0-9] tests").containsPattern("(?m)^OK$");
    }

    @Test
    void itsTypesHold() throws Exception {
        assertThat(run("python3", "-m", "mypy")).contains("Success");
    }

    @Test
    void itsStyleHolds() throws Exception {
        String ruff = packages.resolve("bin/ruff").toString();

        assertThat(run(ruff, "check", ".")).contains("All checks passed");
        assertThat(run(ruff, "format", "--check", ".")).contains("already formatted");
    }

    /// Runs a command in the client's folder.
    ///
    /// @return what it said
    private String run(String... command) throws Exception {
        Path said = Files.createTempFile(directory, "said", ".txt");
        String server = "'%s' -XX:TieredStopAtLevel=1 -cp '%s' io.topicstream.cli.Main"
                .formatted(Path.of(System.getProperty("java.home"), "bin", "java"), Sdk.classPath());
        Process process = Sdk.told(
                        Map.of(
                                "PYTHONPATH",
                                packages + File.pathSeparator + "src",
                                "PYTHONDONTWRITEBYTECODE",
                                "1",
                                "TOPICSTREAM_COMMAND",
                                server),
                        command)
                .directory(Packages.PYTHON_CLIENT.toFile())
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(process.exitValue()).as(Files.readString(said)).isZero();
        return Files.readString(said);
    }
}
