package io.topicstream.rocksdb;

import io.topicstream.row.BadRowException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The file `manifest` of a backup: what the backup is of, and every file of it with its size and checksum.
///
/// ```
/// topicstream backup 1
/// store f81d4fae-7dec-11d0-a765-00a0c91e6bf6
/// format 1
/// epoch 1795261600
/// sequence 240
/// taken 2026-11-21T11:48:02.147Z
/// file 9f86d081…0f00a08 1234 db/000012.sst
/// …
/// end 60303ae2…73c49752
/// ```
///
/// Lines of UTF-8, in this order. The checksums are SHA-256 in hexadecimal; the last one is that of all lines before
/// it, so a manifest that was cut or changed is no manifest.
///
/// @param formatVersion of the store
/// @param epoch of the life in which the backup was taken
/// @param sequence the last change that is in it
record BackupManifest(UUID storeId, int formatVersion, long epoch, long sequence, Instant takenAt, List<Entry> files) {
    static final String FILE_NAME = "manifest";

    private static final String FIRST_LINE = "topicstream backup 1";
    private static final Pattern HEAD = Pattern.compile(
            FIRST_LINE + "\nstore (\\S+)\nformat (\\d{1,9})\nepoch (\\d{1,18})\nsequence (\\d{1,18})\ntaken (\\S+)\n");
    private static final Pattern FILE =
            Pattern.compile("file ([0-9a-f]{64}) (\\d{1,18}) (synced|db/[A-Za-z0-9_][A-Za-z0-9._-]*)\n");
    private static final Pattern END = Pattern.compile("end ([0-9a-f]{64})\n");

    /// One file.
    ///
    /// @param name its path below the backup, with `/`
    record Entry(String sha256, long bytes, String name) {}

    BackupManifest {
        files = List.copyOf(files);
    }

    long bytes() {
        return files.stream().mapToLong(Entry::bytes).sum();
    }

    String text() {
        StringBuilder lines = new StringBuilder(FIRST_LINE)
                .append("\nstore ")
                .append(storeId)
                .append("\nformat ")
                .append(formatVersion)
                .append("\nepoch ")
                .append(epoch)
                .append("\nsequence ")
                .append(sequence)
                .append("\ntaken ")
                .append(takenAt)
                .append('\n');
        for (Entry file : files) {
            lines.append("file ")
                    .append(file.sha256)
                    .append(' ')
                    .append(file.bytes)
                    .append(' ')
                    .append(file.name)
                    .append('\n');
        }
        return lines + "end " + checksum(lines.toString()) + '\n';
    }

    /// @throws BadRowException saying why the text is no manifest
    static BackupManifest of(String text) {
        if (text.startsWith("topicstream backup ") && !text.startsWith(FIRST_LINE + "\n")) {
            throw new BadRowException("it is that of a version that this one does not know: "
                    + text.lines().findFirst().orElse(""));
        }
        Matcher head = HEAD.matcher(text);
        if (!head.lookingAt()) {
            throw new BadRowException("it is damaged: it does not begin as it must");
        }
        int at = head.end();
        List<Entry> files = new ArrayList<>();
        Matcher file = FILE.matcher(text);
        while (file.region(at, text.length()).lookingAt()) {
            files.add(new Entry(file.group(1), Long.parseLong(file.group(2)), file.group(3)));
            at = file.end();
        }
        Matcher end = END.matcher(text);
        if (!end.region(at, text.length()).matches() || !end.group(1).equals(checksum(text.substring(0, at)))) {
            throw new BadRowException("it is damaged: its lines are not those that were written");
        }
        try {
            return new BackupManifest(
                    UUID.fromString(head.group(1)),
                    Integer.parseInt(head.group(2)),
                    Long.parseLong(head.group(3)),
                    Long.parseLong(head.group(4)),
                    Instant.parse(head.group(5)),
                    files);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new BadRowException("it is damaged: " + e.getMessage(), e);
        }
    }

    /// What computes the checksums.
    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    static String hex(MessageDigest digest) {
        return HexFormat.of().formatHex(digest.digest());
    }

    private static String checksum(String text) {
        MessageDigest digest = digest();
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        return hex(digest);
    }
}
