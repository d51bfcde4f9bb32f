package io.topicstream.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `topicstream rooms`: deletes rooms of a running server, by the administrator's token, as `topicstream keys` works.
@Command(
        name = "rooms",
        description = "Delete rooms of a running server.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class RoomsCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /// `topicstream rooms delete`
    @Command(
            name = "delete",
            description = "Delete a room that somebody has made, with all that was said in it. Cannot be undone.",
            mixinStandardHelpOptions = true,
            versionProvider = Main.Version.class)
    static final class Delete implements Runnable {
        private final Surroundings surroundings;

        @Mixin
        private final Administration administration = new Administration();

        @Parameters(paramLabel = "ROOM", description = "The room's topic, or what stands in it behind room:.")
        private String room = "";

        @Option(names = "--yes", description = "Say that it shall be done.")
        private boolean yes;

        @Option(names = "--json", description = "Print what was done as JSON.")
        private boolean json;

        Delete(Surroundings surroundings) {
            this.surroundings = surroundings;
        }

        @Override
        public void run() {
            if (!yes) {
                throw new CommandFailure(
                        ExitCodes.USAGE, "what is deleted does not come back; --yes says that it shall be");
            }
            String body =
                    administration.ask(surroundings, "DELETE", "/admin/rooms/" + Administration.encoded(room), "");
            surroundings.out().println(json ? body.strip() : "The room " + TerminalText.safe(room) + " is deleted.");
        }
    }
}
