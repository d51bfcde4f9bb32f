package io.topicstream.server.admin;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.http.Access;
import io.topicstream.http.AnswerWriter;
import io.topicstream.http.Exchange;
import io.topicstream.http.Route;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.StoreReport;
import io.topicstream.protocol.ErrorCode;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The routes `/admin/backup`: begin a backup, and say how far it is. One is made at a time, on a thread of its own.
///
/// The routes are for the administrator; [#stop] is called on a thread that handles none.
public final class AdminBackup {
    private static final System.Logger LOGGER = System.getLogger(AdminBackup.class.getName());
    private static final Duration STOP = Duration.ofSeconds(5);

    private static final byte[] STATE = ascii("{\"state\":");
    private static final byte[] DIRECTORY = ascii(",\"directory\":");
    private static final byte[] STARTED_AT = ascii(",\"started_at\":");
    private static final byte[] DONE_BYTES = ascii(",\"done_bytes\":");
    private static final byte[] TOTAL_BYTES = ascii(",\"total_bytes\":");
    private static final byte[] EPOCH = ascii(",\"epoch\":");
    private static final byte[] TOPICS = ascii(",\"topics\":");
    private static final byte[] MESSAGES = ascii(",\"messages\":");
    private static final byte[] FILES = ascii(",\"files\":");
    private static final byte[] BYTES = ascii(",\"bytes\":");
    private static final byte[] ERROR = ascii(",\"error\":");

    private final BackupMaker maker;
    private final InstantSource clock;

    /// The last one that was begun. Guarded by this object's lock.
    private @Nullable Job job;

    private boolean isStopped;

    public AdminBackup(BackupMaker maker, InstantSource clock) {
        this.maker = maker;
        this.clock = clock;
    }

    /// One backup: its thread writes how far it is, anybody reads.
    private static final class Job {
        final Path directory;
        final long startedAtMs;
        final Thread thread;
        volatile long doneBytes;
        volatile long totalBytes;
        volatile @Nullable StoreReport report;
        volatile @Nullable String failure;

        Job(Path directory, long startedAtMs, BackupMaker maker) {
            this.directory = directory;
            this.startedAtMs = startedAtMs;
            this.thread =
                    Thread.ofPlatform().daemon().name("topicstream-backup").unstarted(() -> run(maker));
        }

        private void run(BackupMaker maker) {
            String why = "it ended by a fault of the server";
            try {
                report = maker.backUp(directory, (done, total) -> {
                    doneBytes = done;
                    totalBytes = total;
                });
                return;
            } catch (IOException e) {
                why = String.valueOf(e.getMessage());
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.ERROR, "a backup ended by a fault of ours", e);
            } finally {
                if (report == null) {
                    failure = why;
                }
            }
        }

        boolean isRunning() {
            return report == null && failure == null;
        }
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("POST", "/admin/backup", Access.ADMIN, this::begin),
                new Route("GET", "/admin/backup", Access.ADMIN, this::show));
    }

    /// `POST /admin/backup` with `{"directory"}`
    private void begin(Exchange exchange) {
        byte[] body = exchange.body();
        JsonObjectReader.Builder members = new JsonObjectReader.Builder();
        JsonObjectReader.Member directoryMember = members.add("directory");
        JsonObjectReader reader = members.build();
        if (!exchange.isBodyUtf8() || !reader.read(body, 0, body.length)) {
            String problem = reader.problem();
            exchange.refusePrivately(
                    ErrorCode.BAD_FRAME, "the body is a JSON object: " + (problem == null ? "not UTF-8" : problem));
            return;
        }
        Path directory = absolute(reader.string(directoryMember));
        if (directory == null) {
            exchange.refusePrivately(ErrorCode.BAD_FRAME, "\"directory\" is an absolute path on the server's machine");
            return;
        }
        Job begun = begin(directory);
        if (begun == null) {
            exchange.refusePrivately(ErrorCode.LIMIT_EXCEEDED, "a backup is being made already");
        } else {
            answer(exchange, begun, 202);
        }
    }

    private static @Nullable Path absolute(@Nullable String text) {
        try {
            return text == null || !Path.of(text).isAbsolute() ? null : Path.of(text);
        } catch (InvalidPathException e) {
            return null;
        }
    }

    private synchronized @Nullable Job begin(Path directory) {
        Job last = job;
        if (isStopped || (last != null && last.isRunning())) {
            return null;
        }
        Job next = new Job(directory, clock.millis(), maker);
        job = next;
        next.thread.start();
        return next;
    }

    /// `GET /admin/backup`
    private void show(Exchange exchange) {
        answer(exchange, last(), 200);
    }

    private synchronized @Nullable Job last() {
        return job;
    }

    private static void answer(Exchange exchange, @Nullable Job job, int status) {
        AnswerWriter answer = exchange.lane().answer().beginPrivate();
        write(answer.body(), job);
        answer.send(exchange, status);
    }

    private static void write(JsonWriter body, @Nullable Job job) {
        if (job == null) {
            body.raw(STATE).string("none").raw('}');
            return;
        }
        StoreReport report = job.report;
        String failure = job.failure;
        body.raw(STATE)
                .string(report != null ? "done" : failure != null ? "failed" : "running")
                .raw(DIRECTORY)
                .string(job.directory.toString())
                .raw(STARTED_AT)
                .number(job.startedAtMs);
        if (report != null) {
            body.raw(EPOCH)
                    .number(report.epoch())
                    .raw(TOPICS)
                    .number(report.topics())
                    .raw(MESSAGES)
                    .number(report.messages())
                    .raw(FILES)
                    .number(report.files())
                    .raw(BYTES)
                    .number(report.bytes());
        } else if (failure != null) {
            body.raw(ERROR).string(failure);
        } else {
            body.raw(DONE_BYTES).number(job.doneBytes).raw(TOTAL_BYTES).number(job.totalBytes);
        }
        body.raw('}');
    }

    /// Ends the backup that is being made, and begins no other. Waits a little for what it leaves to be deleted.
    public void stop() {
        Job last;
        synchronized (this) {
            isStopped = true;
            last = job;
        }
        if (last == null) {
            return;
        }
        last.thread.interrupt();
        try {
            if (!last.thread.join(STOP)) {
                LOGGER.log(
                        System.Logger.Level.WARNING,
                        "a backup does not end; what it made of " + last.directory + " stays behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
