package io.topicstream.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// `topicstream dev`: what is for developers alone.
@Command(
        name = "dev",
        description = "Run other editions of TopicStream on this machine, to develop with.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class DevCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }
}
