package io.topicstream.examples.backend;

import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/// A tree of the project in which the command `run` of an example finds the programs of this build. What was started in
/// it ends with it.
public final class RunTree implements AutoCloseable {
    private static final Path EXAMPLE = Path.of("").toAbsolutePath();

    private final Path folder;
    private final Path example;
    private final List<Program> programs = new ArrayList<>();

    /// Makes it.
    ///
    /// @param folder where its parent is to be
    /// @param files of the example, beside `run`
    public RunTree(Path folder, String... files) throws IOException {
        this.folder = folder;
        Path tree = folder.resolve("tree");
        example = Files.createDirectories(
                tree.resolve("examples").resolve(EXAMPLE.getFileName().toString()));
        Files.createDirectories(tree.resolve(".mvn"));
        Files.copy(EXAMPLE.resolve("../../.mvn/find-jdk.sh"), tree.resolve(".mvn/find-jdk.sh"));
        Files.copy(EXAMPLE.resolve("../programs.sh"), tree.resolve("examples/programs.sh"));
        Files.copy(EXAMPLE.resolve("run"), example.resolve("run"));
        for (String file : files) {
            Files.copy(EXAMPLE.resolve(file), example.resolve(file));
        }
        Files.writeString(tree.resolve("pom.xml"), "");
        Files.setPosixFilePermissions(
                Files.writeString(
                        tree.resolve("topicstream"),
                        "#!/bin/sh\nexec " + quoted(Program.java("io.topicstream.cli.Main")) + " \"$@\"\n"),
                PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createDirectories(example.resolve("target/lib"));
        jar(example.resolve("target/topicstream-" + EXAMPLE.getFileName() + "-0.1.0.jar"));
    }

    private static String quoted(List<String> words) {
        return words.stream().map(word -> "'" + word + "'").collect(Collectors.joining(" "));
    }

    /// An archive that has nothing but the class path of this build.
    private static void jar(Path file) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Arrays.stream(Program.classPath().split(File.pathSeparator))
                                .map(entry -> Path.of(entry).toUri().toString())
                                .collect(Collectors.joining(" ")));
        new JarOutputStream(Files.newOutputStream(file), manifest).close();
    }

    /// Starts `run` with these words.
    public Program start(String... words) throws IOException {
        // Where the tests run in the background SIGINT is ignored, and a shell cannot change that for itself.
        List<String> command = new ArrayList<>(
                List.of("env", "--default-signal=INT", example.resolve("run").toString()));
        command.addAll(List.of(words));
        Map<String, String> environment = new HashMap<>();
        environment.put("PATH", System.getenv("PATH"));
        environment.put("HOME", folder.toString());
        environment.put("TOPICSTREAM_JAVA_HOME", System.getProperty("java.home"));
        Program program = Program.start(folder, "run" + programs.size(), environment, command);
        programs.add(program);
        return program;
    }

    /// What Ctrl-C does.
    public static void interrupt(Program program) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-INT", Long.toString(program.pid())).start().waitFor();
    }

    /// Kills what a program has started, by a word of its command.
    public static void killChild(Program run, String word) throws IOException, InterruptedException {
        long pid = ProcessHandle.of(run.pid())
                .orElseThrow()
                .children()
                .filter(process -> process.info().commandLine().orElse("").contains(word))
                .findFirst()
                .orElseThrow()
                .pid();
        new ProcessBuilder("kill", "-KILL", Long.toString(pid)).start().waitFor();
    }

    @Override
    public void close() throws IOException {
        for (Program program : programs) {
            List<ProcessHandle> left = program.descendants();
            try {
                // It ends its programs itself.
                interrupt(program);
                program.exitCode();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("not waited for");
            } finally {
                left.forEach(ProcessHandle::destroyForcibly);
                program.close();
            }
        }
    }
}
