package io.topicstream.cli.documents;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The text of one Markdown page: its fenced blocks, its links and its headings.
///
/// @param name of the file, for messages
/// @param blocks in their order
/// @param links as they are written, those in code left out
/// @param anchors of the headings
/// @param prose everything outside of fenced blocks
record MarkdownPage(String name, List<Block> blocks, List<String> links, List<String> anchors, String prose) {
    private static final Pattern LINK = Pattern.compile("\\[(?:[^\\]\\[]|\\[[^\\]]*])*]\\(([^)\\s]+)\\)");
    private static final Pattern CODE = Pattern.compile("`[^`\n]*`");
    private static final Pattern FENCE = Pattern.compile("^( *)(`{3,})(.*)$");

    /// A fenced block.
    ///
    /// @param line of its fence, from 1
    /// @param info what stands behind the fence
    /// @param text without the last line break
    record Block(int line, String info, String text) {}

    static MarkdownPage parse(String name, String text) {
        List<Block> blocks = new ArrayList<>();
        List<String> links = new ArrayList<>();
        List<String> anchors = new ArrayList<>();
        StringBuilder prose = new StringBuilder();
        List<String> lines = text.lines().toList();
        @Nullable String fence = null;
        String info = "";
        int since = 0;
        List<String> inside = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            Matcher mark = FENCE.matcher(line);
            if (fence != null) {
                if (line.strip().equals(fence)) {
                    blocks.add(new Block(since, info, String.join("\n", inside)));
                    fence = null;
                    inside.clear();
                } else {
                    inside.add(line);
                }
            } else if (mark.matches()) {
                fence = mark.group(2);
                info = mark.group(3).strip();
                since = i + 1;
            } else {
                prose.append(line).append('\n');
                if (line.startsWith("#")) {
                    anchors.add(anchor(line));
                }
            }
        }
        if (fence != null) {
            throw new AssertionError(name + ":" + since + ": the block has no end");
        }
        Matcher link = LINK.matcher(CODE.matcher(prose).replaceAll("code"));
        while (link.find()) {
            links.add(link.group(1));
        }
        return new MarkdownPage(name, blocks, links, anchors, prose.toString());
    }

    /// What a link to the heading ends with.
    private static String anchor(String heading) {
        return heading.replaceFirst("^#+ +", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N} _-]", "")
                .replace(' ', '-');
    }
}
