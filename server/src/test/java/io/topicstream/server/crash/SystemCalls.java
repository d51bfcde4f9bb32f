package io.topicstream.server.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The system calls of a traced server, as strace(1) writes them down: which message was appended, synced and
/// acknowledged in which order.
///
/// A call during which another thread's call was written down stands on two lines, `<unfinished ...>` and
/// `<... resumed>`; all others begin and end on theirs.
final class SystemCalls {
    private static final Pattern LINE = Pattern.compile("^(\\d+) +(.*)$");
    private static final Pattern APPEND = Pattern.compile("^p?write(?:v|64)?\\(\\d+<[^>]*/data/db/\\d+\\.log>");
    private static final Pattern SYNC = Pattern.compile("^f(?:data)?sync\\(\\d+<[^>]*/data/db/\\d+\\.log>");
    private static final Pattern APPENDED = Pattern.compile("(traced-\\d+)\\|");
    private static final Pattern ACKED =
            Pattern.compile("\\\\\"type\\\\\":\\\\\"reply\\\\\",\\\\\"id\\\\\":\\\\\"(traced-\\d+)\\\\\"");

    /// What the ids of the traced messages begin with.
    static final String NAME = "traced";

    /// What goes before a command to trace it into the file.
    static List<String> tracer(Path file) {
        return List.of(
                "strace",
                "--follow-forks",
                "--seccomp-bpf",
                "--decode-fds=path",
                "--string-limit=200000",
                "--trace=write,writev,pwrite64,sendto,sendmsg,fsync,fdatasync",
                "--output=" + file);
    }

    /// Why nothing can be traced here, or null.
    static @Nullable String problem(Path directory) throws InterruptedException {
        try {
            List<String> command = new ArrayList<>(tracer(directory.resolve("probe")));
            command.add("true");
            Process probe = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("probe.out").toFile())
                    .start();
            return probe.waitFor(20, TimeUnit.SECONDS) && probe.exitValue() == 0
                    ? null
                    : "strace may not trace here: " + Files.readString(directory.resolve("probe.out"));
        } catch (IOException e) {
            return "strace is not installed: " + e.getMessage();
        }
    }

    private final Map<String, Integer> appended = new LinkedHashMap<>();
    private final Map<String, Integer> acked = new LinkedHashMap<>();
    private final List<int[]> syncs = new ArrayList<>();

    SystemCalls(Path file) throws IOException {
        Map<String, List<String>> appending = new HashMap<>();
        Map<String, Integer> syncing = new HashMap<>();
        int at = 0;
        for (String line : Files.readAllLines(file)) {
            at++;
            Matcher parts = LINE.matcher(line);
            if (!parts.matches()) {
                continue;
            }
            String thread = parts.group(1);
            String call = parts.group(2);
            if (call.startsWith("<... ")) {
                List<String> ids = appending.remove(thread);
                if (ids != null) {
                    for (String id : ids) {
                        appended.putIfAbsent(id, at);
                    }
                }
                Integer begun = syncing.remove(thread);
                if (begun != null && call.endsWith("= 0")) {
                    syncs.add(new int[] {begun, at});
                }
                continue;
            }
            boolean unfinished = call.endsWith("<unfinished ...>");
            if (APPEND.matcher(call).find()) {
                List<String> ids = APPENDED.matcher(call)
                        .results()
                        .map(found -> found.group(1))
                        .toList();
                if (unfinished) {
                    appending.put(thread, ids);
                } else {
                    for (String id : ids) {
                        appended.putIfAbsent(id, at);
                    }
                }
            } else if (SYNC.matcher(call).find()) {
                if (unfinished) {
                    syncing.put(thread, at);
                } else if (call.endsWith("= 0")) {
                    syncs.add(new int[] {at, at});
                }
            } else {
                Matcher replies = ACKED.matcher(call);
                while (replies.find()) {
                    acked.putIfAbsent(replies.group(1), at);
                }
            }
        }
    }

    /// Messages whose append and acknowledgement were both seen.
    int traced() {
        return (int) acked.keySet().stream().filter(appended::containsKey).count();
    }

    int syncs() {
        return syncs.size();
    }

    /// The acknowledgements before which no sync of the write-ahead log had begun after the append and ended.
    List<String> acknowledgedBeforeSync() {
        List<String> early = new ArrayList<>();
        acked.forEach((id, ackAt) -> {
            Integer appendAt = appended.get(id);
            if (appendAt != null && syncs.stream().noneMatch(sync -> appendAt <= sync[0] && sync[1] < ackAt)) {
                early.add("P2: " + id + " was appended at line " + appendAt + " and acknowledged at " + ackAt);
            }
        });
        return early;
    }
}
