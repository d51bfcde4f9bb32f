package io.topicstream.gateway.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// A small process that outlives a server that was killed, for a moment: it ends the functions' processes
/// that are left, and removes their folder. It hears of them by a pipe, whose end it takes for the
/// server's. Where there is no `sh`, processes end when they next ask for an invocation. Thread-safe.
final class Reaper implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Reaper.class.getName());
    private static final String SCRIPT = """
            trap '' INT TERM HUP
            pids=' '
            folder=
            while IFS= read -r line; do
                case $line in
                    +*) pids="$pids${line#+} " ;;
                    -*) case $pids in
                            *" ${line#-} "*) pids="${pids%%" ${line#-} "*} ${pids#*" ${line#-} "}" ;;
                        esac ;;
                    /*) folder=$line ;;
                esac
            done
            for pid in $pids; do kill -9 "$pid"; done 2>/dev/null
            [ -z "$folder" ] || rm -rf -- "$folder"
            """;

    private @Nullable Process process;
    private @Nullable OutputStream to;
    private boolean isMissing;

    synchronized void add(long pid) {
        tell("+" + pid);
    }

    synchronized void remove(long pid) {
        tell("-" + pid);
    }

    /// Names the folder to be removed, an absolute path.
    synchronized void folder(Path folder) {
        tell(folder.toString());
    }

    private void tell(String line) {
        if (isMissing) {
            return;
        }
        try {
            OutputStream pipe = to;
            if (pipe == null) {
                ProcessBuilder builder = new ProcessBuilder("sh", "-c", SCRIPT)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
                Process started = builder.start();
                process = started;
                pipe = started.getOutputStream();
                to = pipe;
            }
            pipe.write((line + "\n").getBytes(UTF_8));
            pipe.flush();
        } catch (IOException e) {
            isMissing = true;
            LOGGER.log(
                    System.Logger.Level.DEBUG,
                    "nobody would end the processes of functions if this process were killed: {0}",
                    e.getMessage());
        }
    }

    /// Has it do its work, and end.
    @Override
    public synchronized void close() {
        isMissing = true;
        OutputStream pipe = to;
        if (pipe != null) {
            try {
                pipe.close();
            } catch (IOException e) {
                // It ended before us.
            }
        }
        Process running = process;
        if (running != null) {
            try {
                running.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
