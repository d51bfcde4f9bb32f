package io.topicstream.cli;

import io.topicstream.server.config.LoadedConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// `topicstream config`: what there is to do with a configuration without running a server.
@Command(
        name = "config",
        description = "Look at a configuration.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class ConfigCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /// `topicstream config check`
    @Command(
            name = "check",
            description = "Check the configuration that serve would use, and print each setting with its source.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Check implements Runnable {
        private final Surroundings surroundings;

        @Mixin
        private final SettingFlags settings = new SettingFlags();

        @Option(names = "--json", description = "Print each setting as JSON.")
        private boolean json;

        Check(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            LoadedConfig loaded = settings.load(surroundings);
            if (json) {
                loaded.effective()
                        .forEach(one -> surroundings
                                .out()
                                .println(new JsonLine()
                                        .text("setting", one.path())
                                        .text("value", one.value())
                                        .text("source", one.source())));
            } else {
                loaded.report().lines().forEach(line -> surroundings.out().println(TerminalText.safe(line)));
            }
        }
    }
}
