package io.topicstream.cli.documents;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The tables of [gateway.md](../../../../../../../../docs/gateway.md) that say how far the gateway is as API Gateway
/// is: each number has a row, each row has tests, and each numbered test has a row.
///
/// A test is numbered by the beginning of its display name: `53: …`, `1, 6: …`, `70 to 73, 76: …`, `H100: …`.
class ConformanceTest {
    private static final int STATEMENTS = 140;
    private static final int FIRST_HARM = 96;
    private static final int LAST_HARM = 102;
    private static final Pattern ROW = Pattern.compile("^\\| (H?\\d+) \\| (.*) \\|$", Pattern.MULTILINE);
    private static final Pattern HOW = Pattern.compile("holds|by setting: \\S.*|deviates: \\S.*");
    private static final Pattern CERTAINTY = Pattern.compile("certain|likely|open|ours");
    private static final String NUMBERS = "H?\\d+(?: to H?\\d+)?";
    private static final Pattern NUMBERED =
            Pattern.compile("@DisplayName\\(\\s*\"(" + NUMBERS + "(?:, " + NUMBERS + ")*): ");

    /// What is wrong with tables and tests, a sentence each.
    ///
    /// @param page with the tables
    /// @param tests numbers of tests, by the classes that have them
    private static List<String> problems(String page, Map<String, Set<String>> tests) {
        List<String> problems = new ArrayList<>();
        List<String> expected = expected();
        List<String> found = new ArrayList<>();
        Matcher rows = ROW.matcher(page);
        while (rows.find()) {
            String number = rows.group(1);
            found.add(number);
            problems.addAll(problems(number, rows.group(2).split(" \\| ", -1), tests));
        }
        if (!found.equals(expected)) {
            List<String> missing = new ArrayList<>(expected);
            missing.removeAll(found);
            problems.add("the rows are not those of all numbers in their order; missing: " + missing);
        }
        tests.forEach((name, numbers) -> numbers.stream()
                .filter(number -> !expected.contains(number))
                .forEach(number -> problems.add(name + " has a test of " + number + ", which has no row")));
        return problems;
    }

    private static List<String> problems(String number, String[] cells, Map<String, Set<String>> tests) {
        if (cells.length != 4) {
            return List.of(number + " has not the cells of a row");
        }
        List<String> problems = new ArrayList<>();
        if (cells[0].isBlank()) {
            problems.add(number + " says nothing");
        }
        if (!CERTAINTY.matcher(cells[1]).matches()) {
            problems.add(number + " is '" + cells[1] + "'");
        }
        if (!HOW.matcher(cells[2]).matches()) {
            problems.add(number + " neither holds, nor says why not: " + cells[2]);
        }
        for (String test : cells[3].split(", ", -1)) {
            String name = test.replace("`", "");
            if (!tests.getOrDefault(name, Set.of()).contains(number)) {
                problems.add(number + " names " + name + ", which has no test of that number");
            }
        }
        return problems;
    }

    private static List<String> expected() {
        return Stream.concat(
                        IntStream.rangeClosed(1, STATEMENTS).mapToObj(String::valueOf),
                        IntStream.rangeClosed(FIRST_HARM, LAST_HARM).mapToObj(number -> "H" + number))
                .toList();
    }

    /// The numbers in the display names of a source.
    private static Set<String> numbers(String source) {
        Set<String> numbers = new TreeSet<>();
        NUMBERED.matcher(source)
                .results()
                .map(MatchResult::group)
                .map(name -> name.substring(name.indexOf('"') + 1, name.lastIndexOf(':')))
                .flatMap(list -> Stream.of(list.split(", ", -1)))
                .forEach(range -> {
                    String[] ends = range.split(" to ", -1);
                    String kind = ends[0].startsWith("H") ? "H" : "";
                    IntStream.rangeClosed(number(ends[0]), number(ends[ends.length - 1]))
                            .forEach(number -> numbers.add(kind + number));
                });
        return numbers;
    }

    private static int number(String text) {
        return Integer.parseInt(text.replace("H", ""));
    }

    private static Map<String, Set<String>> tests() throws IOException {
        Map<String, Set<String>> tests = new TreeMap<>();
        for (Path folder : folders()) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    Set<String> numbers = numbers(Files.readString(file));
                    if (!numbers.isEmpty()) {
                        tests.computeIfAbsent(file.getFileName().toString().replace(".java", ""), _ -> new TreeSet<>())
                                .addAll(numbers);
                    }
                }
            }
        }
        return tests;
    }

    private static List<Path> folders() throws IOException {
        try (Stream<Path> modules = Files.list(Project.ROOT)) {
            return modules.map(module -> module.resolve("src/test"))
                    .filter(Files::isDirectory)
                    .toList();
        }
    }

    private static String page() throws IOException {
        return Files.readString(Project.ROOT.resolve("docs/gateway.md"));
    }

    @Test
    void tablesAndTestsAgree() throws IOException {
        assertThat(problems(page(), tests())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "'53: a'; 53",
                "'1, 6: a'; 1 6",
                "'70 to 73, 76: a'; 70 71 72 73 76",
                "'H99 to H101, 5: a'; 5 H100 H101 H99",
                "'1 is not a number of it'; ''",
                "'U: a'; ''"
            })
    void numbersAreTheBeginningOfAName(String name, String numbers) {
        assertThat(numbers("@Test\n    @DisplayName(\"" + name + "\")\n    void a() {}\n    @DisplayName(\n\"7: b\")"))
                .containsExactlyInAnyOrderElementsOf(Stream.of(
                                (numbers == null ? "7" : numbers + " 7").strip().split(" ", -1))
                        .toList());
    }

    @Test
    void aTableThatRotsIsFound() throws IOException {
        assertThat(broken(page -> page.replaceFirst("(?m)^\\| 17 \\|.*\n", "")))
                .contains("the rows are not those of all numbers in their order; missing: [17]");
        assertThat(broken(page -> page.replaceFirst("(?m)^\\| 17 \\|(.*\n)", "| 18 |$1")))
                .isNotEmpty();
        assertThat(broken(page -> page.replaceFirst("(?m)^(\\| 17 \\|.*)`\\w+` \\|$", "$1`GoneTest` |")))
                .containsExactly("17 names GoneTest, which has no test of that number");
        assertThat(broken(page -> page.replaceFirst("(?m)^(\\| 17 \\|.* \\| )holds( \\|)", "$1deviates$2")))
                .containsExactly("17 neither holds, nor says why not: deviates");
        assertThat(problems(page(), Map.of("NewTest", Set.of("141"))))
                .contains("NewTest has a test of 141, which has no row");
    }

    private static List<String> broken(UnaryOperator<String> change) throws IOException {
        String changed = change.apply(page());
        assertThat(changed).isNotEqualTo(page());
        return problems(changed, tests());
    }
}
