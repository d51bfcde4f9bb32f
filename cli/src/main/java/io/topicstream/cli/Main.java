package io.topicstream.cli;

import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/// The entry point: reads the command line, runs the command it names, and ends the process with its exit code.
@Command(
        name = "topicstream",
        description = "Real-time messaging in which every topic is also a durable stream.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
public final class Main implements Runnable {

    Main() {}

    public static void main(String[] args) {
        System.exit(new CommandLine(new Main()).execute(args));
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
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
