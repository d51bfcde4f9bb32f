package io.topicstream.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// The entry point: reads the command line, runs the command it names, and ends the process with its exit code.
///
/// Whatever goes wrong is told in one line on the standard error, beginning with `topicstream: `.
@Command(
        name = "topicstream",
        description = "Real-time messaging in which every topic is also a durable stream.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {"", "Exit codes and all else that an operator wants to know: docs/operations.md"})
public final class Main implements Runnable {
    @Spec
    private CommandSpec spec;

    Main() {
        this.spec = CommandSpec.create();
    }

    public static void main(String[] args) {
        System.exit(commandLine(Surroundings.ofProcess()).execute(args));
    }

    /// The command line with all its commands.
    static CommandLine commandLine(Surroundings surroundings) {
        CommandLine keys = new CommandLine(new KeysCommand())
                .addSubcommand(new KeysCommand.Create(surroundings))
                .addSubcommand(new KeysCommand.Listing(surroundings))
                .addSubcommand(new KeysCommand.Revoke(surroundings));
        CommandLine config = new CommandLine(new ConfigCommand()).addSubcommand(new ConfigCommand.Check(surroundings));
        CommandLine all = new CommandLine(new Main())
                .addSubcommand(new ServeCommand(surroundings))
                .addSubcommand(new PublishCommand(surroundings))
                .addSubcommand(new ConsumeCommand(surroundings))
                .addSubcommand(new TopicsCommand(surroundings))
                .addSubcommand(keys)
                .addSubcommand(new BackupCommand(surroundings))
                .addSubcommand(new VerifyCommand(surroundings))
                .addSubcommand(new RestoreCommand(surroundings))
                .addSubcommand(config)
                .setOut(new PrintWriter(surroundings.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(surroundings.err(), true, StandardCharsets.UTF_8))
                .setExitCodeExceptionMapper(
                        e -> e instanceof CommandFailure failure ? failure.exitCode() : ExitCodes.FAULT)
                .setExecutionExceptionHandler((failure, command, _) -> {
                    if (failure instanceof CommandFailure told) {
                        tell(surroundings, String.valueOf(told.getMessage()));
                        return told.exitCode();
                    }
                    tell(surroundings, "this should not have happened: " + failure);
                    if (surroundings.environment().containsKey("TOPICSTREAM_DEBUG")) {
                        failure.printStackTrace(surroundings.err());
                    }
                    return ExitCodes.FAULT;
                })
                .setParameterExceptionHandler((failure, _) -> {
                    CommandLine command = failure.getCommandLine();
                    tell(
                            surroundings,
                            failure.getMessage() + " (see "
                                    + command.getCommandSpec().qualifiedName() + " --help)");
                    return ExitCodes.USAGE;
                });
        return all;
    }

    /// Says in one line what went wrong.
    static void tell(Surroundings surroundings, String what) {
        surroundings.err().println("topicstream: " + TerminalText.line(what));
        surroundings.err().flush();
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /// The version in the manifest of the archive this class came from.
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version =
                    Objects.requireNonNullElse(Main.class.getPackage().getImplementationVersion(), "(unpackaged)");
            return new String[] {"topicstream " + version};
        }
    }
}
