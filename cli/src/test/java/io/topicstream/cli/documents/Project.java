package io.topicstream.cli.documents;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The project's own files, as its tests see them from the folder of their module.
final class Project {
    static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private Project() {}

    /// The folders of the modules, among others: those at the top, the examples, and the clients in other languages.
    static List<Path> folders() throws IOException {
        try (Stream<Path> top = Files.list(ROOT);
                Stream<Path> examples = Files.list(ROOT.resolve("examples"));
                Stream<Path> clients = Files.list(ROOT.resolve("clients"))) {
            return Stream.of(top, examples, clients)
                    .flatMap(paths -> paths)
                    .filter(Files::isDirectory)
                    .toList();
        }
    }

    /// Every page: those at the top, all below `docs`, and one beside the code where there is one.
    static List<Path> pages() throws IOException {
        try (Stream<Path> top = Files.list(ROOT);
                Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            Stream<Path> modules = folders().stream().map(folder -> folder.resolve("README.md"));
            return Stream.of(top, docs, modules)
                    .flatMap(paths -> paths)
                    .filter(path -> path.toString().endsWith(".md") && Files.isRegularFile(path))
                    .sorted()
                    .toList();
        }
    }

    /// The path of a page as a reader knows it.
    static String nameOf(Path page) {
        return ROOT.relativize(page).toString().replace('\\', '/');
    }
}
