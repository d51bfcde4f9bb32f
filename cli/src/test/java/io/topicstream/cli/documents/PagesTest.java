package io.topicstream.cli.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What holds for every page: its links lead somewhere, and it is about the project alone. And for the map of
/// the code: it names what there is.
class PagesTest {
    private static final Pattern FOREIGN = Pattern.compile(
            "(?<![\\w./~-])/(root|work|home|Users|tmp)/\\w"
                    + "|/usr/lib/jvm"
                    + "|\\b(repo1?\\.maven|registry\\.npmjs|files\\.pythonhosted|pypi|proxy\\.golang)\\."
                    + "|\\b(artifactory|nexus)\\b",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern PACKAGE = Pattern.compile("`(io\\.topicstream(?:\\.[a-z0-9]+)*)`");
    private static final Pattern FILE = Pattern.compile("`([A-Z]\\w+)`");

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        List<String> dead = new ArrayList<>();
        for (Path file : Project.pages()) {
            dead.addAll(deadLinks(file, Files.readString(file)));
        }

        assertThat(dead).isEmpty();
    }

    @Test
    void everyDecisionIsInTheIndex() throws IOException {
        Path index = Project.ROOT.resolve("docs/decisions/README.md");
        List<String> listed = MarkdownPage.parse(Project.nameOf(index), Files.readString(index))
                .links();
        try (Stream<Path> pages = Files.list(index.resolveSibling("."))) {
            assertThat(pages.filter(page -> !page.endsWith("README.md"))
                            .map(page -> page.getFileName().toString()))
                    .isNotEmpty()
                    .allSatisfy(page -> assertThat(listed).contains(page));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[a](nowhere.md)", "[a](docs/protocol.md#no-such-heading)", "[a](#no-such-heading)"})
    void aDeadLinkIsFound(String text) {
        assertThat(deadLinks(Project.ROOT.resolve("README.md"), text)).hasSize(1);
    }

    private static List<String> deadLinks(Path file, String text) {
        List<String> dead = new ArrayList<>();
        for (String link : MarkdownPage.parse(Project.nameOf(file), text).links()) {
            if (link.matches("[a-z]+:.*")) {
                continue;
            }
            String[] parts = link.split("#", 2);
            Path target =
                    parts[0].isEmpty() ? file : file.resolveSibling(parts[0]).normalize();
            boolean alive = target.startsWith(Project.ROOT) && Files.exists(target);
            if (alive && parts.length > 1) {
                String page = parts[0].isEmpty() ? text : read(target);
                alive = MarkdownPage.parse(link, page).anchors().contains(parts[1]);
            }
            if (!alive) {
                dead.add(Project.nameOf(file) + ": " + link);
            }
        }
        return dead;
    }

    @Test
    void noPageSpeaksOfAMachineOrARegistry() throws IOException {
        List<String> found = new ArrayList<>();
        for (Path file : Project.pages()) {
            Matcher foreign = FOREIGN.matcher(Files.readString(file));
            while (foreign.find()) {
                found.add(Project.nameOf(file) + ": " + foreign.group());
            }
        }

        assertThat(found).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"see /home/ada/data", "from https://repo." + "maven.apache.org/x", "/usr/lib/jvm/x"})
    void aMachineOrARegistryIsFound(String text) {
        assertThat(FOREIGN.matcher(text).find()).isTrue();
    }

    @Test
    void theMapOfTheCodeHasEveryPackageAndNoOther() throws IOException {
        TreeSet<String> named = new TreeSet<>();
        Matcher name = PACKAGE.matcher(architecture());
        while (name.find()) {
            named.add(name.group(1));
        }

        assertThat(named).containsExactlyElementsOf(packages());
    }

    @Test
    void theMapOfTheCodeNamesNoTypeThatThereIsNot() throws IOException {
        TreeSet<String> types = new TreeSet<>();
        for (Path source : sources()) {
            types.add(source.getFileName().toString().replace(".java", ""));
        }
        List<String> missing = new ArrayList<>();
        int count = 0;
        Matcher name = FILE.matcher(architecture());
        while (name.find()) {
            count++;
            if (!types.contains(name.group(1))) {
                missing.add(name.group(1));
            }
        }

        assertThat(missing).isEmpty();
        assertThat(count).isGreaterThan(30);
    }

    private static String architecture() throws IOException {
        return Files.readString(Project.ROOT.resolve("ARCHITECTURE.md"));
    }

    /// The packages of everything but the tests, and the test kit, which other modules' tests use.
    private static Set<String> packages() throws IOException {
        TreeSet<String> packages = new TreeSet<>();
        for (Path source : sources()) {
            String path = Project.nameOf(source);
            if (path.contains("/src/main/") || path.contains("/testkit/")) {
                packages.add(path.replaceFirst(".*/java/", "")
                        .replaceFirst("/?[^/]+$", "")
                        .replace('/', '.'));
            }
        }
        packages.remove("");
        return packages;
    }

    private static List<Path> sources() throws IOException {
        List<Path> folders = Project.folders().stream()
                .map(module -> module.resolve("src"))
                .filter(Files::isDirectory)
                .toList();
        List<Path> sources = new ArrayList<>();
        for (Path folder : folders) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(path -> path.toString().endsWith(".java")).forEach(sources::add);
            }
        }
        return sources;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
