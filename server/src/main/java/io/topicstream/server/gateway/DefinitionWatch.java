package io.topicstream.server.gateway;

import io.topicstream.gateway.definition.DefinitionException;
import io.topicstream.gateway.definition.Definitions;
import io.topicstream.gateway.model.Definition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/// Looks about once a second whether the files of a definition changed, and reads it anew when they did. A definition
/// that is broken is told, and the one of before stays.
///
/// A change is taken up when a second look finds the same as the first. [#poll] and [#close] belong to one thread at a
/// time.
final class DefinitionWatch implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(DefinitionWatch.class.getName());
    private static final Duration PERIOD = Duration.ofMillis(500);

    private final Path file;
    private final Map<String, String> parameters;
    private final Consumer<Definition> taker;
    private final Runnable others;
    private Set<Path> files;
    private Map<Path, Object> used;
    private Map<Path, Object> seen;
    private Thread watcher = Thread.ofVirtual().unstarted(() -> {});

    /// @param current what was read from the file
    /// @param taker of each new definition
    /// @param others looks at what else belongs to it, as often as the files are looked at
    DefinitionWatch(
            Path file,
            Map<String, String> parameters,
            Definition current,
            Consumer<Definition> taker,
            Runnable others) {
        this.file = file;
        this.parameters = parameters;
        this.taker = taker;
        this.others = others;
        this.files = filesOf(current);
        this.used = look();
        this.seen = used;
    }

    private Set<Path> filesOf(Definition definition) {
        Set<Path> all = new LinkedHashSet<>(definition.files());
        all.add(file);
        return all;
    }

    /// Begins to look, until it is closed.
    void start() {
        watcher = Thread.ofVirtual().name("gateway-definition").start(() -> {
            try {
                while (true) {
                    Thread.sleep(PERIOD);
                    poll();
                    others.run();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /// Looks whether the files changed, and takes them up if they have settled.
    void poll() {
        Map<Path, Object> now = look();
        boolean settled = now.equals(seen);
        seen = now;
        if (!settled || now.equals(used)) {
            return;
        }
        used = now;
        try {
            Definition read = Definitions.read(file, parameters);
            files = filesOf(read);
            used = look();
            seen = used;
            taker.accept(read);
            LOGGER.log(System.Logger.Level.INFO, "the definition " + file + " was read again");
            tell(read.findings());
        } catch (DefinitionException e) {
            LOGGER.log(
                    System.Logger.Level.WARNING,
                    "the definition " + file + " is not taken, the one of before stays: " + e.getMessage());
            tell(e.findings());
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "the definition " + file + " could not be taken", e);
        }
    }

    /// Says what is to be said of a definition.
    static void tell(List<Definition.Finding> findings) {
        findings.forEach(finding -> LOGGER.log(System.Logger.Level.WARNING, finding.toString()));
    }

    /// What of the files changes when they do.
    private Map<Path, Object> look() {
        Map<Path, Object> marks = new HashMap<>();
        for (Path one : files) {
            Object mark = "none";
            try {
                BasicFileAttributes about = Files.readAttributes(one, BasicFileAttributes.class);
                mark = List.of(about.lastModifiedTime(), about.size(), String.valueOf(about.fileKey()));
            } catch (IOException _) {
                // Not there, or not to be read: that is a mark too.
                mark = "none";
            }
            marks.put(one, mark);
        }
        return marks;
    }

    @Override
    public void close() {
        watcher.interrupt();
    }
}
