package io.topicstream.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `topicstream serve`: runs a server until the process is told to end.
@Command(
        name = "serve",
        description = "Run a server. Says where it listens as soon as it does.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        footer = {
            "",
            "Every setting also has a variable and a place in the file; config check shows them. Flags come before the",
            "environment, that before the file, and that before the defaults."
        })
final class ServeCommand implements Runnable {
    private final Surroundings surroundings;

    @Mixin
    private final SettingFlags settings = new SettingFlags();

    @Option(names = "--json", description = "Say where it listens as one line of JSON.")
    private boolean json;

    ServeCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        new Serving(surroundings, json).run(settings.load(surroundings), _ -> {});
    }
}
