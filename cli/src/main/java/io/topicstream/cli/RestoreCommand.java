package io.topicstream.cli;

import io.topicstream.server.DataDirectory;
import io.topicstream.server.StartException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `topicstream restore`: puts a backup into the data directory of a server that does not run, or only begins a new
/// epoch there.
@Command(
        name = "restore",
        description = "Put a backup into the data directory of a stopped server, and begin a new epoch.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {
            "",
            "Clients that have seen more than the backup has are told so (reset), and get what comes after it.",
            "--new-epoch without a backup is for a data directory that was set back by other means, as by a",
            "snapshot of its volume."
        })
final class RestoreCommand implements Runnable {
    private final Surroundings surroundings;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private final DataOptions data = new DataOptions();

    @Parameters(paramLabel = "BACKUP", arity = "0..1", description = "The backup; it is copied, and stays as it is.")
    private @Nullable Path backup;

    @Option(names = "--replace", description = "Set aside what is in the data directory.")
    private boolean replace;

    @Option(names = "--new-epoch", description = "Restore nothing; begin a new epoch in what is there.")
    private boolean newEpoch;

    @Option(names = "--json", description = "Print what was done as JSON.")
    private boolean json;

    RestoreCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        Path from = backup;
        if ((from == null) != newEpoch || (newEpoch && replace)) {
            throw new ParameterException(spec.commandLine(), "name a backup, or --new-epoch alone");
        }
        DataDirectory directory = data.directory(surroundings);
        try {
            if (from == null) {
                begin(directory);
            } else {
                restore(from, directory);
            }
        } catch (StartException e) {
            throw DataOptions.failure(e);
        }
    }

    private void begin(DataDirectory directory) throws StartException {
        long epoch = directory.beginEpoch();
        if (json) {
            surroundings
                    .out()
                    .println(new JsonLine()
                            .text("directory", directory.path().toString())
                            .number("epoch", epoch)
                            .toString());
        } else {
            surroundings.out().println("a new epoch begins in " + name(directory) + ": " + epoch);
        }
    }

    private void restore(Path from, DataDirectory directory) throws StartException {
        DataDirectory.Restored restored = directory.restore(from, replace, Reports.progress(surroundings));
        Path replaced = restored.replaced();
        if (json) {
            surroundings
                    .out()
                    .println(new JsonLine()
                            .text("directory", directory.path().toString())
                            .text("backup", from.toString())
                            .number("epoch", restored.epoch())
                            .number("topics", restored.report().topics())
                            .number("messages", restored.report().messages())
                            .text("replaced", replaced == null ? null : replaced.toString())
                            .toString());
            return;
        }
        surroundings
                .out()
                .println(name(directory) + " has what is in " + TerminalText.safe(from.toString()) + ": "
                        + Reports.contents(restored.report()));
        if (replaced != null) {
            surroundings.out().println("what was there is in " + TerminalText.safe(replaced.toString()));
        }
        surroundings.out().println("a new epoch begins in " + name(directory) + ": " + restored.epoch());
    }

    private static String name(DataDirectory directory) {
        return TerminalText.safe(directory.path().toString());
    }
}
