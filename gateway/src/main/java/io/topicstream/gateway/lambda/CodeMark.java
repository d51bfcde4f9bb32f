package io.topicstream.gateway.lambda;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;

/// What of a folder or a file of code is another when the code is another: names, times and sizes of what
/// is in it. What tools put there is not looked at, nor more than a number of files.
final class CodeMark {
    private static final int MAX_FILES = 2_000;
    private static final Set<String> OTHERS =
            Set.of("node_modules", "__pycache__", "site-packages", ".git", ".venv", "venv");

    private CodeMark() {}

    /// The mark of now; 0 where there is nothing.
    static long of(Path code) {
        try {
            Path root = code.toRealPath();
            Adding adding = new Adding(root);
            Files.walkFileTree(root, adding);
            return adding.mark;
        } catch (IOException e) {
            return 0;
        }
    }

    private static final class Adding extends SimpleFileVisitor<Path> {
        private final Path root;
        private long mark;
        private int files;

        Adding(Path root) {
            this.root = root;
        }

        @Override
        public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes about) {
            boolean isOther = !folder.equals(root) && OTHERS.contains(String.valueOf(folder.getFileName()));
            return isOther ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes about) {
            // A sum: the order in which files are found does not count.
            long one = file.hashCode() * 31L + about.lastModifiedTime().toMillis();
            mark += (one * 31 + about.size()) * 0x9E3779B97F4A7C15L;
            return ++files < MAX_FILES ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE;
        }
    }
}
