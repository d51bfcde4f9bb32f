package io.topicstream.cli;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.log.BackupProgress;
import io.topicstream.log.StoreReport;
import io.topicstream.server.DataDirectory;
import io.topicstream.server.StartException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `topicstream backup`: has a running server make a backup, or makes one of the data of a server that does not run.
@Command(
        name = "backup",
        description = "Make a backup of a running server, or of the data directory of a stopped one.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {"", "A running server makes it on its own machine, as its own user, and goes on serving."})
final class BackupCommand implements Runnable {
    private static final long POLL_MS = 100;

    private final Surroundings surroundings;

    @Mixin
    private final Administration administration = new Administration();

    @Mixin
    private final DataOptions data = new DataOptions();

    @Parameters(paramLabel = "DIR", description = "Where the backup will be; must not be there yet.")
    private Path directory = Path.of("");

    @Option(names = "--json", description = "Print what is in the backup as JSON.")
    private boolean json;

    BackupCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        if (data.isNamed() || !askServer()) {
            makeMyself();
        }
    }

    // ---- by the server

    /// Has the server make it.
    ///
    /// @return whether there is a server; where one is named on the command line or in the environment, always
    private boolean askServer() {
        boolean isNamed = administration.namesServer(surroundings);
        if (!isNamed && !administration.hasToken(surroundings)) {
            return false;
        }
        String path = directory.toAbsolutePath().normalize().toString();
        String body = new JsonLine().text("directory", path).toString();
        String answer;
        try {
            answer = administration.ask(surroundings, "POST", "/admin/backup", body);
        } catch (CommandFailure failure) {
            if (!isNamed && failure.exitCode() == ExitCodes.UNREACHABLE) {
                return false;
            }
            throw failure;
        }
        awaitEnd(answer);
        return true;
    }

    private void awaitEnd(String first) {
        BackupProgress progress = Reports.progress(surroundings);
        JsonObjectReader.Builder members = new JsonObjectReader.Builder();
        JsonObjectReader.Member stateMember = members.add("state");
        JsonObjectReader.Member error = members.add("error");
        JsonObjectReader.Member doneBytes = members.add("done_bytes");
        JsonObjectReader.Member totalBytes = members.add("total_bytes");
        JsonObjectReader.Member topics = members.add("topics");
        JsonObjectReader.Member messages = members.add("messages");
        JsonObjectReader job = members.build();
        String answer = first;
        while (true) {
            byte[] bytes = Reports.bytes(answer);
            String state = job.read(bytes, 0, bytes.length) ? job.string(stateMember) : null;
            switch (state) {
                case "running" -> progress.at(job.integer(doneBytes), job.integer(totalBytes));
                case "done" -> {
                    tell(answer, Reports.contents(job.integer(topics), job.integer(messages)));
                    return;
                }
                case "failed" -> throw new CommandFailure(ExitCodes.DATA, String.valueOf(job.string(error)));
                case null, default ->
                    throw new CommandFailure(ExitCodes.REFUSED, "the server's answer is not the expected one");
            }
            pause();
            answer = administration.ask(surroundings, "GET", "/admin/backup", "");
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCodes.UNREACHABLE, "interrupted");
        }
    }

    // ---- by this process

    private void makeMyself() {
        DataDirectory stopped = data.directory(surroundings);
        StoreReport report;
        try {
            report = stopped.backUp(directory, Reports.progress(surroundings));
        } catch (StartException e) {
            throw DataOptions.failure(e);
        }
        tell(Reports.json(directory.toString(), report).toString(), Reports.contents(report));
    }

    private void tell(String asJson, @Nullable String contents) {
        surroundings
                .out()
                .println(
                        json
                                ? asJson.strip()
                                : TerminalText.safe(directory.toString()) + " has " + contents + ", and is whole");
    }
}
