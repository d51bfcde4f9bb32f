package io.topicstream.cli.documents;

import io.topicstream.cli.documents.MarkdownPage.Block;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One thing that a reader of a page would do, with what the page says comes of it. A page is a list of steps;
/// the words behind a block's fence say which, and an unknown word is an error.
sealed interface Step {
    /// The line of the page.
    int line();

    /// Commands for a shell that end.
    ///
    /// @param exitCode with which they end
    /// @param output of both streams, or null where the page does not show it
    record Commands(
            int line, String script, int exitCode, @Nullable String output) implements Step {}

    /// Commands for a shell that end, once the page's server has stopped.
    ///
    /// @param output of both streams, or null where the page does not show it
    record Stopped(int line, String script, @Nullable String output) implements Step {}

    /// A command that starts the page's server, again where it was stopped.
    ///
    /// @param output its first lines, or null where the page does not show them
    record Serve(int line, String script, @Nullable String output) implements Step {}

    /// Commands that go on while the page does.
    record Background(int line, String script) implements Step {}

    /// What the commands in the background have said by now.
    record BackgroundOutput(int line, String output) implements Step {}

    /// A piece of a conversation on a WebSocket: lines that begin with `→` or `←`.
    ///
    /// @param connection the name under which a later piece goes on
    /// @param path to connect to, or null where it goes on
    /// @param token to connect with, or null
    record Frames(
            int line,
            String connection,
            @Nullable String path,
            @Nullable String token,
            List<String> lines) implements Step {}

    /// A configuration that must be accepted.
    record Configuration(int line, String yaml) implements Step {}

    /// A Java program, or the inside of its `main`.
    record Program(int line, String source, @Nullable String output) implements Step {}

    /// The steps of a page, in their order.
    ///
    /// @throws AssertionError naming every block that is none
    static List<Step> of(MarkdownPage page) {
        List<Step> steps = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        List<Block> blocks = page.blocks();
        for (int i = 0; i < blocks.size(); i++) {
            Block block = blocks.get(i);
            boolean notRun = isNotRun(block.info());
            Block next = i + 1 < blocks.size() ? blocks.get(i + 1) : null;
            String output =
                    next != null && (next.info().equals("text") || next.info().equals("json")) ? next.text() : null;
            Step step = notRun ? null : step(block, output);
            if (step != null) {
                steps.add(step);
                boolean shown = step instanceof Commands
                        || step instanceof Stopped
                        || step instanceof Serve
                        || step instanceof Program;
                i += shown && output != null ? 1 : 0;
            } else if (!notRun) {
                unknown.add(page.name() + ":" + block.line() + ": ```" + block.info());
            }
        }
        if (!unknown.isEmpty()) {
            throw new AssertionError("blocks that nobody runs (CONTRIBUTING.md says how they are written): " + unknown);
        }
        return steps;
    }

    /// Whether the block says that it is not run, and why.
    private static boolean isNotRun(String info) {
        return info.matches("[\\w-]+ not-run: \\S.*");
    }

    private static @Nullable Step step(Block block, @Nullable String output) {
        String[] words = block.info().split(" +");
        int line = block.line();
        return switch (words[0] + (words.length > 1 ? " " + words[1].replaceFirst("=.*", "=") : "")) {
            case "sh" -> new Commands(line, block.text(), 0, output);
            case "sh exit=" ->
                new Commands(line, block.text(), Integer.parseInt(words[1].substring("exit=".length())), output);
            case "sh stopped" -> new Stopped(line, block.text(), output);
            case "sh server" -> new Serve(line, block.text(), output);
            case "sh background" -> new Background(line, block.text());
            case "text background" -> new BackgroundOutput(line, block.text());
            case "text frames" -> frames(block, words);
            case "yaml" -> new Configuration(line, block.text());
            case "java" -> new Program(line, block.text(), output);
            default -> null;
        };
    }

    private static Frames frames(Block block, String[] words) {
        String connection = "";
        String path = null;
        String token = null;
        for (int i = 2; i < words.length; i++) {
            if (words[i].startsWith("/")) {
                path = words[i];
            } else if (words[i].startsWith("token=")) {
                token = words[i].substring("token=".length());
            } else {
                connection = words[i];
            }
        }
        return new Frames(
                block.line(), connection, path, token, block.text().lines().toList());
    }
}
