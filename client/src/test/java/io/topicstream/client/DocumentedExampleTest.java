package io.topicstream.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Compiles and runs what `docs/client.md` shows.
class DocumentedExampleTest {
    private static final Path PAGE = Path.of("..", "docs", "client.md");
    private static final Pattern EXAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path directory;

    @Test
    void theExampleOfThePageRuns() throws Exception {
        assertThat(outputOf(1).lines()).contains("stored at 1");
    }

    @Test
    void theExampleThatFoldsRuns() throws Exception {
        assertThat(outputOf(2)).isEqualTo("{\"text\":\"lunch?\"} 1\n");
    }

    /// @param example which one of the page, from 1
    private String outputOf(int example) throws Exception {
        Matcher matcher = EXAMPLE.matcher(Files.readString(PAGE));
        for (int i = 0; i < example; i++) {
            assertThat(matcher.find()).isTrue();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        try (LocalServer server = new LocalServer(directory.resolve("run"))) {
            String body = matcher.group(1)
                    .replace("ws://127.0.0.1:8080/v1", server.address().toString())
                    .replace("System.out", "out");
            run(body, new PrintStream(out, true, StandardCharsets.UTF_8));
        }

        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void thePageHasTheClientsCoordinates() throws Exception {
        String pom = Files.readString(Path.of("pom.xml"));
        String page = Files.readString(PAGE);

        for (String name : List.of("groupId", "artifactId", "version")) {
            // The first artifactId is that of the parent.
            String from = name.equals("artifactId") ? pom.substring(pom.indexOf("</parent>")) : pom;
            Matcher value = Pattern.compile("<" + name + ">.*?</" + name + ">").matcher(from);
            assertThat(value.find()).isTrue();
            assertThat(page).contains(value.group());
        }
    }

    private void run(String program, PrintStream out) throws Exception {
        Path source = Files.writeString(directory.resolve("Example.java"), program.replace("void main() {", """
                        public final class Example {
                            public static void run(java.io.PrintStream out) {
                        """) + "}");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter problems = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
            boolean compiled = compiler.getTask(
                            problems,
                            files,
                            null,
                            List.of(
                                    "-d",
                                    directory.toString(),
                                    "-proc:none",
                                    "-cp",
                                    System.getProperty(
                                            "surefire.test.class.path", System.getProperty("java.class.path"))),
                            null,
                            files.getJavaFileObjects(source))
                    .call();
            assertThat(compiled).as(problems.toString()).isTrue();
        }
        try (URLClassLoader loader = new URLClassLoader(
                new URL[] {directory.toUri().toURL()}, DocumentedExampleTest.class.getClassLoader())) {
            loader.loadClass("Example").getMethod("run", PrintStream.class).invoke(null, out);
        }
    }
}
