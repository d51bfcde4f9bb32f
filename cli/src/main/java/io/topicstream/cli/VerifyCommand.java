package io.topicstream.cli;

import io.topicstream.log.StoreReport;
import io.topicstream.server.DataDirectory;
import io.topicstream.server.StartException;
import java.nio.file.Path;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `topicstream verify`: checks a backup, or the data directory of a server that does not run, and changes nothing.
@Command(
        name = "verify",
        description = "Check every file and row of a backup, or of the data directory of a stopped server.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {"", "Ends with 74 where something is damaged, and says what and where."})
final class VerifyCommand implements Runnable {
    private final Surroundings surroundings;

    @Parameters(paramLabel = "DIR", description = "A backup, or a data directory.")
    private Path directory = Path.of("");

    @Option(names = "--json", description = "Print what was found as JSON.")
    private boolean json;

    VerifyCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        StoreReport report;
        try {
            report = DataDirectory.verify(directory, Reports.progress(surroundings));
        } catch (StartException e) {
            throw DataOptions.failure(e);
        }
        if (json) {
            surroundings
                    .out()
                    .println(Reports.json(directory.toString(), report).toString());
        } else {
            tell(report);
        }
        if (!report.isWhole()) {
            throw new CommandFailure(
                    ExitCodes.DATA,
                    directory + " is damaged: " + report.problems().getFirst()
                            + (report.problems().size() == 1 ? "" : ", and more"));
        }
    }

    private void tell(StoreReport report) {
        Instant takenAt = report.takenAt();
        String what = takenAt == null ? "a store" : "a backup of " + takenAt;
        surroundings.out().println(TerminalText.safe(directory + ": " + what + ", epoch " + report.epoch()));
        surroundings.out().println(Reports.contents(report));
        if (report.isWhole()) {
            surroundings.out().println("whole");
        }
        report.problems().forEach(problem -> surroundings.out().println("damaged: " + TerminalText.safe(problem)));
    }
}
