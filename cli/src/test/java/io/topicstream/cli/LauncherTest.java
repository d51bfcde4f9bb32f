package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The launcher in a small tree of its own, with a JDK that says how it was called and a Maven that builds at once.
class LauncherTest {
    private static final long PATIENCE_SECONDS = 120;
    private static final String JAR = "cli/target/topicstream-cli-0.1.0.jar";
    private static final String LOCK = "cli/target/launcher.lock.";
    private static final String SOURCE = "core/src/main/java/Batch.java";
    private static final boolean IS_ROOT = "root".equals(System.getProperty("user.name"));

    /// How the launcher ended.
    private record Run(int exitCode, String out, String err) {}

    @TempDir
    private Path directory;

    private Path tree;
    private final Map<String, String> environment = new TreeMap<>();
    private final List<Process> processes = new ArrayList<>();

    @BeforeEach
    void makeTree() throws IOException {
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        tree = Files.createDirectory(directory.resolve("tree"));
        Files.createDirectory(tree.resolve(".mvn"));
        copy("topicstream");
        copy(".mvn/find-jdk.sh");
        write("pom.xml", "");
        for (String module : List.of("core", "cli")) {
            write(module + "/pom.xml", "");
            Files.createDirectories(tree.resolve(module).resolve("src/main/java"));
        }
        write(SOURCE, "one");

        write("../jdk/release", "JAVA_VERSION=\"25.0.1\"\n");
        command("../jdk/bin/javac", "");
        command("../jdk/bin/java", "echo \"locale=${LC_ALL-} $*\"\n");
        command(
                "../bin/mvn",
                "echo built >>" + directory.resolve("builds") + "\nmkdir -p cli/target/lib\ntouch " + JAR);
        environment.put("PATH", directory.resolve("bin") + ":" + System.getenv("PATH"));
        environment.put("HOME", directory.toString());
        environment.put("TOPICSTREAM_JAVA_HOME", directory.resolve("jdk").toString());
    }

    @AfterEach
    void end() throws IOException {
        processes.forEach(Process::destroyForcibly);
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path folder : all.filter(Files::isDirectory).toList()) {
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
        }
    }

    private void copy(String name) throws IOException {
        Files.copy(Path.of("..").resolve(name), tree.resolve(name));
    }

    private Path write(String name, String text) throws IOException {
        Path file = tree.resolve(name).normalize();
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private void command(String name, String script) throws IOException {
        Files.setPosixFilePermissions(
                write(name, "#!/bin/sh\nset -e\n" + script), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /// Starts it as this user, or as the one that the words before it make of this one.
    private Process start(String... before) throws IOException {
        List<String> command = new ArrayList<>(List.of(before));
        command.addAll(List.of(tree.resolve("topicstream").toString(), "--version"));
        Path said = Files.createDirectories(directory.resolve("said"));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(said.resolve(processes.size() + ".out").toFile())
                .redirectError(said.resolve(processes.size() + ".err").toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        processes.add(process);
        return process;
    }

    private String said(Process process, String stream) throws IOException {
        return Files.readString(directory.resolve("said").resolve(processes.indexOf(process) + "." + stream));
    }

    private Run end(Process process) throws Exception {
        assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                .as("ended")
                .isTrue();
        return new Run(process.exitValue(), said(process, "out"), said(process, "err"));
    }

    private Run run() throws Exception {
        return end(start());
    }

    /// Runs it as a user who may not write to the tree.
    private Run runAsStranger() throws Exception {
        try (Stream<Path> all = Files.walk(tree)) {
            for (Path folder : all.filter(Files::isDirectory).toList()) {
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("r-xr-xr-x"));
            }
        }
        return end(IS_ROOT ? start("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups") : start());
    }

    private int builds() throws IOException {
        Path file = directory.resolve("builds");
        return Files.exists(file) ? Files.readAllLines(file).size() : 0;
    }

    private void date(String name, Instant time) throws IOException {
        Files.setLastModifiedTime(tree.resolve(name), FileTime.from(time));
    }

    private void lock(String text) throws IOException {
        Path lock = tree.resolve(LOCK + 1);
        Files.createDirectories(lock.getParent());
        Files.createSymbolicLink(lock, Path.of(text));
    }

    private List<String> locks() throws IOException {
        try (Stream<Path> all = Files.list(tree.resolve("cli/target"))) {
            return all.map(file -> tree.relativize(file).toString())
                    .filter(name -> name.startsWith(LOCK))
                    .sorted()
                    .toList();
        }
    }

    private boolean exists(String name) {
        return Files.exists(directory.resolve(name), LinkOption.NOFOLLOW_LINKS);
    }

    private static void await(Callable<Boolean> condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                .pollInterval(Duration.ofMillis(20))
                .until(condition);
    }

    private static void assertRefused(Run run, String... parts) {
        assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCodes.FAULT);
        assertThat(run.err()).startsWith("topicstream: ").contains(parts);
        assertThat(run.err().lines()).hasSize(1);
    }

    @Test
    void itBuildsWhatIsMissingOrOlderThanItsSourcesAndNothingElse() throws Exception {
        assertThat(run().exitCode()).isZero();
        assertThat(run().err()).isEmpty();
        assertThat(builds()).isEqualTo(1);

        date(SOURCE, Instant.now().plusSeconds(1));
        assertThat(run().err()).isEqualTo("building TopicStream…\n");
        assertThat(builds()).isEqualTo(2);
        assertThat(locks()).containsExactly(LOCK + "3", LOCK + "4");
        assertThat(Files.readSymbolicLink(tree.resolve(LOCK + 4))).hasToString("free");
    }

    /// The page is built into the archives, with it the client in TypeScript, and the template that deploys it all.
    @ParameterizedTest
    @CsvSource({
        "web/src/main.tsx, true",
        "web/public/icon.svg, true",
        "web/index.html, true",
        "web/package-lock.json, true",
        "web/build.sh, true",
        "clients/typescript/src/client.ts, true",
        "web/test/model.test.ts, false",
        "web/node_modules/preact/index.js, false",
        "clients/typescript/test/client.test.ts, false",
        "cdk/template/topicstream.template.json, true",
        "cdk/src/main/java/Stack.java, false"
    })
    void whatPageAndTemplateAreMadeOfIsASource(String name, boolean isSource) throws Exception {
        write("web/src/main.tsx", "one");
        write(name, "one");
        run();
        assertThat(builds()).isEqualTo(1);

        write(name, "two");
        date(name, Instant.now().plusSeconds(1));
        run();
        assertThat(builds()).isEqualTo(isSource ? 2 : 1);
    }

    @Test
    void whoBuildsIsToldThatThereIsNoChatPage() throws Exception {
        command(
                "../bin/mvn",
                "echo built >>" + directory.resolve("builds") + "\necho 'the chat page is not built: there is no npm'"
                        + "\necho 'something else'\nmkdir -p cli/target/lib\ntouch " + JAR);

        assertThat(run().err())
                .isEqualTo("building TopicStream…\ntopicstream: the chat page is not built: there is no npm\n");
        assertThat(run().err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {SOURCE, "core/src/main/java", "pom.xml"})
    void aSourceThatIsDatedAheadIsBuiltOnce(String name) throws Exception {
        date(name, Instant.now().plus(Duration.ofDays(400)));

        assertThat(run().exitCode()).isZero();
        assertThat(run().err()).isEmpty();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void aSourceThatIsDatedAheadIsBuiltAgainWhenItIsAnotherOne() throws Exception {
        date(SOURCE, Instant.now().plus(Duration.ofDays(400)));
        run();

        write(SOURCE, "two");
        date(SOURCE, Instant.now().plus(Duration.ofDays(300)));
        run();
        assertThat(builds()).isEqualTo(2);

        write("core/src/main/java/More.java", "more");
        date("core/src/main/java/More.java", Instant.now().plus(Duration.ofDays(300)));
        run();
        assertThat(builds()).isEqualTo(3);
    }

    @Test
    void whereItMayNotBuildItSaysSo() throws Exception {
        assertRefused(runAsStranger(), "is not built", "may not write", tree.toString());
    }

    @Test
    void whereItMayNotBuildAgainItSaysSo() throws Exception {
        run();
        date(SOURCE, Instant.now().plusSeconds(1));

        assertRefused(runAsStranger(), "newer", "may not write", tree.toString());
    }

    @Test
    void whereItMayNotBuildALockThatWasLeftBehindChangesNothing() throws Exception {
        lock("999999999 1");

        assertRefused(runAsStranger(), "is not built");
    }

    @Test
    void whereItNeedsNoBuildItNeedsNotWrite() throws Exception {
        run();

        assertThat(runAsStranger().exitCode()).isZero();
    }

    @Test
    void itSaysForWhomItWaits() throws Exception {
        Process builder = new ProcessBuilder("sleep", "1000").start();
        processes.add(builder);
        lock(Long.toString(builder.pid()));

        Process waiting = start();
        await(() -> said(waiting, "err").contains("process " + builder.pid()));
        builder.destroyForcibly().waitFor();

        assertThat(end(waiting).exitCode()).isZero();
        assertThat(said(waiting, "err").lines()).hasSize(2);
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void whatABuildHasMadeIsNotTakenBeforeItHasEnded() throws Exception {
        Path go = directory.resolve("go");
        command(
                "../bin/mvn",
                "echo built >>" + directory.resolve("builds") + "\nmkdir -p cli/target/lib\ntouch " + JAR
                        + "\nwhile [ ! -e " + go + " ]; do sleep 0.05; done");
        Process builder = start();
        await(() -> Files.exists(tree.resolve(JAR)));
        Process other = start();
        await(() -> said(other, "err").contains("waiting for process " + builder.pid()));

        Files.createFile(go);

        assertThat(end(builder).exitCode()).isZero();
        assertThat(end(other).exitCode()).isZero();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void whatAnotherOneHasBuiltIsTakenWithoutItsLock() throws Exception {
        Process builder = new ProcessBuilder("sleep", "1000").start();
        processes.add(builder);
        lock(Long.toString(builder.pid()));
        Process waiting = start();

        Files.createDirectories(tree.resolve("cli/target/lib"));
        write(JAR, "");

        assertThat(end(waiting).exitCode()).isZero();
        assertThat(builds()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"999999999", "999999999 1", "SELF 1", "nonsense"})
    void aLockThatWasLeftBehindIsTakenOver(String owner) throws Exception {
        lock(owner.replace("SELF", Long.toString(ProcessHandle.current().pid())));

        assertThat(run().exitCode()).isZero();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void ofManyOneBuilds() throws Exception {
        lock("999999999");
        List<Process> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.add(start());
        }

        for (Process one : all) {
            assertThat(end(one).exitCode()).isZero();
        }
        assertThat(builds()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aLauncherThatStoodStillBeforeItTookTheLockTakesItFromNobody(int buildsMeanwhile) throws Exception {
        lock("999999999");
        String path = environment.get("PATH");
        for (String tool : List.of("ln", "rm", "mv")) {
            command(
                    "../stalling/" + tool,
                    "touch " + directory.resolve("stalled") + "\nuntil [ -e " + directory.resolve("go")
                            + " ]; do sleep 0.05; done\nexec env PATH=\"$REAL_PATH\" " + tool + " \"$@\"\n");
        }
        environment.put("REAL_PATH", path);
        environment.put("PATH", directory.resolve("stalling") + ":" + path);
        Process stalled = start();
        await(() -> exists("stalled"));
        environment.put("PATH", path);
        for (int i = 1; i <= buildsMeanwhile; i++) {
            assertThat(run().exitCode()).isZero();
            write(SOURCE, "change " + i);
            date(SOURCE, Instant.now().plusSeconds(i));
        }
        command(
                "../bin/mvn",
                "echo built >>" + directory.resolve("builds") + "\nuntil [ -e " + directory.resolve("finish")
                        + " ]; do sleep 0.05; done\nmkdir -p cli/target/lib\ntouch " + JAR);
        Process builder = start();
        await(() -> builds() == buildsMeanwhile + 1);

        write("../go", "");
        await(() -> said(stalled, "err").contains("process " + builder.pid()) || builds() > buildsMeanwhile + 1);

        assertThat(builds()).as("one builds, the other waits").isEqualTo(buildsMeanwhile + 1);
        write("../finish", "");
        assertThat(end(builder).exitCode()).isZero();
        assertThat(end(stalled).exitCode()).isZero();
        assertThat(builds()).isEqualTo(buildsMeanwhile + 1);
    }

    @Test
    void aBuilderThatWasKilledIsFollowedByAnother() throws Exception {
        command("../bin/mvn", "echo built >>" + directory.resolve("builds") + "\nexec sleep 1000\n");
        Process killed = start();
        await(() -> builds() == 1);
        killed.destroyForcibly().waitFor();
        killed.descendants().forEach(ProcessHandle::destroyForcibly);
        command(
                "../bin/mvn",
                "echo built >>" + directory.resolve("builds") + "\nmkdir -p cli/target/lib\ntouch " + JAR);

        assertThat(run().exitCode()).isZero();
        assertThat(builds()).isEqualTo(2);
        assertThat(locks()).containsExactly(LOCK + "2", LOCK + "3");
    }

    @Test
    void aBuildThatFailsIsToldWithWhatItSaid() throws Exception {
        command("../bin/mvn", "echo the compiler is not pleased\nexit 1\n");

        Run run = run();

        assertThat(run.exitCode()).isEqualTo(ExitCodes.FAULT);
        assertThat(run.err()).contains("the compiler is not pleased\ntopicstream: the build failed");
        assertThat(Files.readSymbolicLink(tree.resolve(LOCK + 2))).hasToString("free");
    }

    @Test
    void withoutHomeItFindsTheJdk() throws Exception {
        environment.remove("HOME");
        environment.remove("TOPICSTREAM_JAVA_HOME");
        environment.put("JAVA_HOME", directory.resolve("jdk").toString());

        assertThat(run().exitCode()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "'', true",
        "-Xmx16m, false",
        "-Xmx65535k, false",
        "-Xmx64m, true",
        "-Xmx16777216, false",
        "-Xmx2g -Xmx32M, false",
        "-Xmx32m -Xmx2g, true",
        "-XX:MaxHeapSize=20m, false",
        "-Xmxnonsense, true",
        "-Xss1m, true"
    })
    void theHeapBeginsNoLargerThanItMayBecome(String options, boolean small) throws Exception {
        environment.put("TOPICSTREAM_JAVA_OPTS", options);

        Run run = run();

        assertThat(run.out().contains(" -Xms64m")).as(run.out()).isEqualTo(small);
        assertThat(run.out()).contains(" " + options);
    }

    @Test
    void optionsForEveryJavaCountToo() throws Exception {
        environment.put("JDK_JAVA_OPTIONS", "-Xmx16m");

        assertThat(run().out()).doesNotContain("-Xms");
    }

    @ParameterizedTest
    @CsvSource({"C, C.UTF-8", "POSIX, C.UTF-8", "'', C.UTF-8", "C.UTF-8, C.UTF-8"})
    void whatIsTypedIsReadAsUtf8WithoutALocaleToo(String locale, String seen) throws Exception {
        environment.put("LC_ALL", locale);

        assertThat(run().out()).startsWith("locale=" + seen + " ");
    }
}
