package io.topicstream.cli;

import io.topicstream.settings.Nearest;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

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
    /// What stands for a character that could not be read.
    private static final char UNREADABLE = '\uFFFD';
    /// What other programs call our commands.
    private static final Map<String, String> OTHER_WORDS = Map.ofEntries(
            Map.entry("start", "serve"),
            Map.entry("run", "serve"),
            Map.entry("server", "serve"),
            Map.entry("pub", "publish"),
            Map.entry("produce", "publish"),
            Map.entry("send", "publish"),
            Map.entry("sub", "consume"),
            Map.entry("subscribe", "consume"),
            Map.entry("read", "consume"),
            Map.entry("tail", "consume"),
            Map.entry("ls", "topics"),
            Map.entry("talk", "chat"),
            Map.entry("join", "chat"),
            Map.entry("online", "who"),
            Map.entry("costs", "cost"),
            Map.entry("price", "cost"),
            Map.entry("add", "create"),
            Map.entry("new", "create"),
            Map.entry("delete", "revoke"),
            Map.entry("remove", "revoke"));

    @Spec
    private CommandSpec spec;

    Main() {
        this.spec = CommandSpec.create();
    }

    public static void main(String[] args) {
        System.exit(run(Surroundings.ofProcess(), args));
    }

    /// Runs the command that the arguments name.
    ///
    /// @return the exit code
    static int run(Surroundings surroundings, String... args) {
        try {
            requireReadable(surroundings, args);
            int code = commandLine(surroundings).execute(args);
            if (code == ExitCodes.OK) {
                surroundings.out().requireWritten();
            }
            return code;
        } catch (RuntimeException | Error failure) {
            return end(surroundings, failure);
        }
    }

    /// Refuses what was typed in letters that the locale does not have: Java has put another one in their place,
    /// and that must not be stored as if it had been meant.
    private static void requireReadable(Surroundings surroundings, String... args) {
        for (String argument : args) {
            if (argument.indexOf(UNREADABLE) >= 0) {
                throw new CommandFailure(
                        ExitCodes.USAGE,
                        "an argument cannot be read in the letters of the locale: " + argument + " (LC_ALL=C.UTF-8 has"
                                + " all; what comes by the standard input is always read as UTF-8)");
            }
        }
        surroundings.environment().forEach((name, value) -> {
            if (name.startsWith("TOPICSTREAM_") && value.indexOf(UNREADABLE) >= 0) {
                throw new CommandFailure(
                        ExitCodes.USAGE,
                        name + " cannot be read in the letters of the locale (LC_ALL=C.UTF-8 has all)");
            }
        });
    }

    /// The command line with all its commands.
    private static CommandLine commandLine(Surroundings surroundings) {
        CommandLine keys = new CommandLine(new KeysCommand())
                .addSubcommand(new KeysCommand.Create(surroundings))
                .addSubcommand(new KeysCommand.Listing(surroundings))
                .addSubcommand(new KeysCommand.Revoke(surroundings))
                .addSubcommand(new CommandLine.HelpCommand());
        CommandLine users = new CommandLine(new UsersCommand())
                .addSubcommand(new UsersCommand.Block(surroundings))
                .addSubcommand(new UsersCommand.Unblock(surroundings))
                .addSubcommand(new UsersCommand.Blocked(surroundings))
                .addSubcommand(new UsersCommand.SignOut(surroundings))
                .addSubcommand(new ExportUserCommand(surroundings))
                .addSubcommand(new EraseUserCommand(surroundings))
                .addSubcommand(new CommandLine.HelpCommand());
        CommandLine rooms = new CommandLine(new RoomsCommand())
                .addSubcommand(new RoomsCommand.Delete(surroundings))
                .addSubcommand(new CommandLine.HelpCommand());
        CommandLine sinks = new CommandLine(new SinksCommand())
                .addSubcommand(new SinksCommand.Listing(surroundings))
                .addSubcommand(new SinksCommand.Put(surroundings))
                .addSubcommand(new SinksCommand.Delete(surroundings))
                .addSubcommand(new SinksCommand.Replay(surroundings))
                .addSubcommand(new CommandLine.HelpCommand());
        CommandLine config = new CommandLine(new ConfigCommand())
                .addSubcommand(new ConfigCommand.Check(surroundings))
                .addSubcommand(new CommandLine.HelpCommand());
        CommandLine tls = new CommandLine(new TlsCommand())
                .addSubcommand(new TlsCommand.Init(surroundings))
                .addSubcommand(new CommandLine.HelpCommand());
        CommandLine gateway = new CommandLine(new GatewayCommand(surroundings))
                .addSubcommand(new GatewayCheckCommand(surroundings))
                .addSubcommand(new CommandLine.HelpCommand());
        CommandLine dev = new CommandLine(new DevCommand())
                .addSubcommand(new DevAwsCommand(surroundings))
                .addSubcommand(new CommandLine.HelpCommand());
        return new CommandLine(new Main())
                .addSubcommand(new ServeCommand(surroundings))
                .addSubcommand(gateway)
                .addSubcommand(dev)
                .addSubcommand(new PublishCommand(surroundings))
                .addSubcommand(new ConsumeCommand(surroundings))
                .addSubcommand(new TopicsCommand(surroundings))
                .addSubcommand(new ChatCommand(surroundings))
                .addSubcommand(new MembersCommand(surroundings))
                .addSubcommand(new WhoCommand(surroundings))
                .addSubcommand(keys)
                .addSubcommand(users)
                .addSubcommand(rooms)
                .addSubcommand(sinks)
                .addSubcommand(new BackupCommand(surroundings))
                .addSubcommand(new VerifyCommand(surroundings))
                .addSubcommand(new RestoreCommand(surroundings))
                .addSubcommand(new MigrateCommand(surroundings))
                .addSubcommand(config)
                .addSubcommand(new CostCommand(surroundings))
                .addSubcommand(tls)
                .addSubcommand(new CommandLine.HelpCommand())
                .setOut(new PrintWriter(surroundings.out(), true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(surroundings.err(), true, StandardCharsets.UTF_8))
                .setExecutionExceptionHandler((failure, _, _) -> end(surroundings, failure))
                .setParameterExceptionHandler((failure, _) -> {
                    tell(
                            surroundings,
                            sentence(failure) + " (see "
                                    + failure.getCommandLine().getCommandSpec().qualifiedName() + " --help)");
                    return ExitCodes.USAGE;
                });
    }

    /// Says why a command failed.
    ///
    /// @return the exit code for it
    private static int end(Surroundings surroundings, Throwable failure) {
        if (failure instanceof CommandFailure told) {
            if (!String.valueOf(told.getMessage()).isEmpty()) {
                tell(surroundings, String.valueOf(told.getMessage()));
            }
            return told.exitCode();
        }
        tell(surroundings, "this should not have happened: " + failure);
        if (surroundings.environment().containsKey("TOPICSTREAM_DEBUG")) {
            failure.printStackTrace(surroundings.err());
        }
        return ExitCodes.FAULT;
    }

    /// What is wrong with a command line, with what was probably meant.
    private static String sentence(ParameterException failure) {
        if (!(failure instanceof UnmatchedArgumentException unmatched)
                || unmatched.getUnmatched().isEmpty()) {
            return String.valueOf(failure.getMessage());
        }
        String first = unmatched.getUnmatched().getFirst();
        CommandLine command = failure.getCommandLine();
        if (first.startsWith("-")) {
            String name = first.replaceFirst("=.*", "");
            List<String> names = command.getCommandSpec().options().stream()
                    .flatMap(option -> Stream.of(option.names()))
                    .toList();
            return "there is no option " + name + Nearest.didYouMean(name, names);
        }
        Set<String> commands = command.getSubcommands().keySet();
        if (commands.isEmpty()) {
            return "'" + first + "' is one argument too many";
        }
        String other = OTHER_WORDS.get(first);
        return "there is no command " + first
                + (other != null && commands.contains(other)
                        ? "; did you mean " + other + "?"
                        : Nearest.didYouMean(first, commands));
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
